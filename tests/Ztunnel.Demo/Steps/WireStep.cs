using Ztunnel.Lab;

namespace Ztunnel.Demo.Steps;

/// <summary>What can be read between the nodes: nothing, unless the caller is outside the mesh.</summary>
internal sealed class WireStep : IStep
{
    private const string Secret = "the-password-is-swordfish";
    private const int ShownLines = 4;

    public string Title => "tcpdump at the server pod: only port 15008, only ciphertext";

    public async Task RunAsync(DemoMesh mesh, StepOutput output)
    {
        WireCapture inside = await CaptureAsync(mesh, mesh.Client);
        WireCapture outside = await CaptureAsync(mesh, mesh.Outside);

        IReadOnlyList<string> tunnel = inside.Lines($"tcp port 15008 and host {mesh.Client.V4}");
        int plain = inside.Lines($"tcp port {DemoMesh.WebTarget}").Count;
        if (tunnel.Count == 0 || plain > 0 || inside.Shows(Secret))
        {
            throw new DemoFailure(
                $"{tunnel.Count} packets on port 15008, {plain} in plain, secret readable: {inside.Shows(Secret)}");
        }

        if (!outside.Shows(Secret))
        {
            throw new DemoFailure("the capture does not even see what is sent in plain: it proves nothing");
        }

        output.Quote(tunnel.Take(ShownLines));
        output.Say(
            $"{tunnel.Count} packets on port 15008, none beside them; the text sent is in [green]none[/] of them,");
        output.Say("while the same call from outside the mesh shows it to [yellow]anybody[/].");
    }

    private static async Task<WireCapture> CaptureAsync(DemoMesh mesh, Pod caller)
    {
        WireCapture wire = await WireCapture.StartAsync(mesh.Network, mesh.Server);
        ShellResult curl = await DemoMesh.CurlAsync(caller, $"{mesh.Server.V4}:{DemoMesh.WebTarget}", Secret);
        await wire.StopAsync();
        return curl.Text.EndsWith(Secret, StringComparison.Ordinal) ? wire : throw new DemoFailure($"curl: {curl.Text}");
    }
}
