using System.Diagnostics;
using Spectre.Console;
using Ztunnel.Lab;

namespace Ztunnel.Demo.Steps;

/// <summary>Pods are there, proxies come up and get them handed over.</summary>
internal sealed class StartStep : IStep
{
    public string Title => "Two nodes, a proxy on each, pods handed over";

    public async Task RunAsync(DemoMesh mesh, StepOutput output)
    {
        long start = Stopwatch.GetTimestamp();
        mesh.StartProxies();
        await Task.WhenAll(mesh.Proxies.Select(proxy => proxy.ReadyAsync()));
        TimeSpan ready = Stopwatch.GetElapsedTime(start);

        Table table = new Table().Border(TableBorder.Simple).AddColumns("pod", "node", "addresses", "identity");
        foreach (Pod pod in mesh.Pods)
        {
            table.AddRow(
                pod.Name,
                pod.Spec.IsCaptured ? pod.Spec.Node : "[grey]none[/]",
                $"{pod.V4} {pod.V6}",
                pod.Spec.IsCaptured ? pod.SpiffeId : "[grey]not in the mesh[/]");
        }

        output.Show(table);
        output.Say($"Both proxies ready after {ready.TotalMilliseconds:0} ms; " + string.Join(
            ", ", mesh.Proxies.Select(
                proxy => $"{proxy.Node.Name}: process {proxy.Id}, {proxy.PssBytes / 1048576.0:0.0} MB")));
    }
}
