using System.Diagnostics;
using Ztunnel.Lab;

namespace Ztunnel.Demo.Steps;

/// <summary>
/// A policy written into the configuration closes the denied caller's open connection and refuses new ones.
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
        string denied = mesh.Config().Deny(mesh.Stranger).ToYaml();
        mesh.Proxies.ToList().ForEach(proxy => proxy.WriteConfig(denied));
        await Patience.ForAsync(
            Apps.ReadToEndAsync(stranger.Socket), "the stranger's open connection to be closed", s_patience);
        TimeSpan closed = Stopwatch.GetElapsedTime(start);
        output.Say($"policy written: [green]stranger's open connection closed[/] after {closed.TotalMilliseconds:0} ms");

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
