using Spectre.Console;
using Ztunnel.Lab;

namespace Ztunnel.Demo.Steps;

/// <summary>What the control plane told the nodes, and what they answered.</summary>
internal sealed class ControlPlaneStep(LabControlPlane controlPlane) : IStep
{
    public string Title => "the control plane: delta discovery and certificates over gRPC and TLS";

    public async Task RunAsync(DemoMesh mesh, StepOutput output)
    {
        await controlPlane.WaitForAckAsync(mesh.Proxies.Count);
        Table table = new Table().Border(TableBorder.Simple).AddColumns("node", "type", "pushed", "answer");
        foreach (Push push in controlPlane.Pushes.OrderBy(push => push.Node, StringComparer.Ordinal))
        {
            string answer = controlPlane.Answers.Any(each => IsTo(each, push) && each.Error is null) ? "ACK" : "none";
            table.AddRow(
                push.Node,
                push.TypeUrl[(push.TypeUrl.LastIndexOf('.') + 1)..],
                push.Names.Count == 0 ? "nothing yet" : string.Join(", ", push.Names.Select(LastPart)),
                answer);
        }

        output.Say($"{controlPlane.Url} serves {controlPlane.OpenStreams} nodes");
        output.Show(table);
    }

    private static bool IsTo(PushAnswer answer, Push push) =>
        (answer.Node, answer.TypeUrl, answer.Nonce) == (push.Node, push.TypeUrl, push.Nonce);

    private static string LastPart(string name) => name[(name.LastIndexOf('/') + 1)..];
}
