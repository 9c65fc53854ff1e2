using System.Diagnostics;
using Ztunnel.Lab;

namespace Ztunnel.Demo.Steps;

/// <summary>
/// A policy that comes while connections are open closes the denied caller's open connection and refuses new ones.
/// </summary>
internal sealed class PolicyStep : IStep
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    public string Title => "a policy denies one caller, live";

    public async Task RunAsync(DemoMesh mesh, StepOutput output)
    {
        using EchoClient stranger = await EchoClient.ConnectAsync(mesh.Stranger, mesh.Server.V4, DemoMesh.EchoPort);
        using EchoClient client = await EchoClient.ConnectAsync(mesh.Client, mesh.Server.V4, DemoMesh.EchoPort);
        await stranger.ExchangeAsync();
        await client.ExchangeAsync();
        output.Say("client and stranger each hold a connection open to the server");

        long start = Stopwatch.GetTimestamp();
        Task update = mesh.UpdateAsync(mesh.Config().Deny(mesh.Stranger));
        await Patience.ForAsync(
            Apps.ReadToEndAsync(stranger.Socket), "the stranger's open connection to be closed", s_patience);
        TimeSpan closed = Stopwatch.GetElapsedTime(start);
        await update;
        string how = mesh.ControlPlane is null ? "written" : "pushed";
        output.Say($"policy {how}: [green]stranger's open connection closed[/] after {closed.TotalMilliseconds:0} ms");

        await client.ExchangeAsync();
        ShellResult refused = await DemoMesh.CurlAsync(mesh.Stranger, DemoMesh.Vip);
        ShellResult served = await DemoMesh.CurlAsync(mesh.Client, DemoMesh.Vip);
        if (refused.ExitCode == 0 || served.ExitCode != 0)
        {
            throw new DemoFailure($"stranger: {refused.Text}; client: {served.Text}");
        }

        output.Say($"stranger$ curl http://{DemoMesh.Vip}/  →  [red]{Spectre.Console.Markup.Escape(refused.Text)}[/]");
        output.Say(
            $"client$   curl http://{DemoMesh.Vip}/  →  [green]{served.Text}[/], and its open connection goes on");
    }
}
