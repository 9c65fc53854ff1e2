using Ztunnel.Lab;

namespace Ztunnel.Demo.Steps;

/// <summary>A real Prometheus takes the metrics of both nodes.</summary>
internal sealed class PrometheusStep : IStep
{
    private const string Query = "sum(istio_tcp_connections_opened_total{reporter=\"destination\"})";

    public string Title => "Prometheus scrapes both nodes";

    public async Task RunAsync(DemoMesh mesh, StepOutput output)
    {
        using PrometheusServer prometheus = await PrometheusServer.StartAsync(mesh.Network, mesh.Proxies);
        IReadOnlyList<double> values = [];
        await Patience.UntilAsync(
            async () => (await prometheus.QueryAsync("up == 1")).Count == mesh.Proxies.Count
                && (values = await prometheus.QueryAsync(Query)).Count > 0,
            "a scrape of both nodes",
            TimeSpan.FromSeconds(15));
        output.Say($"{Spectre.Console.Markup.Escape(Query)} = [green]{values[0]:0}[/]");
    }
}
