using System.Runtime.InteropServices;
using Ztunnel.Lab;

namespace Ztunnel.Demo.Steps;

/// <summary>The proxies leave in good order: what is open may finish first.</summary>
internal sealed class DrainStep : IStep
{
    public string Title => "SIGTERM: open connections finish, then the proxies exit";

    public async Task RunAsync(DemoMesh mesh, StepOutput output)
    {
        using EchoClient client = await EchoClient.ConnectAsync(mesh.Client, mesh.Server.V4, DemoMesh.EchoPort);
        await client.ExchangeAsync();
        foreach (ZtunnelProcess proxy in mesh.Proxies)
        {
            proxy.Signal(PosixSignal.SIGTERM);
        }

        await Patience.UntilAsync(
            async () => !await mesh.West.IsReadyAsync(), "the drain to begin", TimeSpan.FromSeconds(5));
        await client.ExchangeAsync();
        output.Say("draining, and the open connection still carries bytes");
        client.Dispose();
        foreach (ZtunnelProcess proxy in mesh.Proxies)
        {
            int code = await proxy.ExitAsync();
            output.Say($"{proxy.Node.Name} exited with {code}");
            if (code != 0)
            {
                throw new DemoFailure($"{proxy.Node.Name} ended with {code}:\n{proxy.Log.Tail()}");
            }
        }
    }
}
