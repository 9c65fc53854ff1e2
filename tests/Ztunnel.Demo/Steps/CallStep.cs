using Spectre.Console;
using Ztunnel.Lab;

namespace Ztunnel.Demo.Steps;

/// <summary>curl reaches the service through both proxies, and the application still sees who really calls.</summary>
internal sealed class CallStep : IStep
{
    public string Title => "curl through the mesh; the server sees the caller's own address";

    public async Task RunAsync(DemoMesh mesh, StepOutput output)
    {
        await ShowAsync(mesh.Client, DemoMesh.Vip, mesh.Client.V4.ToString(), "service address, mutual TLS", output);
        await ShowAsync(
            mesh.Client,
            $"[{mesh.Server.V6}]:{DemoMesh.WebTarget}",
            mesh.Client.V6.ToString(), "pod address, IPv6", output);
        await ShowAsync(
            mesh.Outside,
            $"{mesh.Server.V4}:{DemoMesh.WebTarget}",
            mesh.Outside.V4.ToString(), "from outside the mesh, plain", output);
    }

    private static async Task ShowAsync(Pod from, string address, string source, string how, StepOutput output)
    {
        ShellResult curl = await DemoMesh.CurlAsync(from, address);
        if (curl.Text != $"you are {source}")
        {
            throw new DemoFailure(
                $"curl from {from.Name} to {address}: expected \"you are {source}\", got \"{curl.Text}\"");
        }

        output.Say($"{from.Name}$ curl http://{Markup.Escape(address)}/  →  [green]{curl.Text}[/]  [grey]({how})[/]");
    }
}
