using Spectre.Console;
using Ztunnel.Lab;

namespace Ztunnel.Demo.Steps;

/// <summary>Connections and bytes, by caller, as the server's node counted them.</summary>
internal sealed class MetricsStep : IStep
{
    public string Title => "metrics of the server's node";

    public async Task RunAsync(DemoMesh mesh, StepOutput output)
    {
        MetricsText metrics = await mesh.West.MetricsAsync();
        Table table = new Table().Border(TableBorder.Simple)
            .AddColumns("source_workload", "security_policy", "opened", "closed DENY", "bytes in", "bytes out");
        foreach (Pod caller in new[] { mesh.Client, mesh.Stranger, mesh.Outside })
        {
            double opened = Sum("istio_tcp_connections_opened_total");
            if (opened == 0)
            {
                throw new DemoFailure($"no connection of {caller.Name} was counted");
            }

            table.AddRow(
                caller.Name,
                caller.Spec.IsCaptured ? "mutual_tls" : "unknown",
                $"{opened:0}",
                $"{Sum("istio_tcp_connections_closed_total", ("response_flags", "DENY")):0}",
                $"{Sum("istio_tcp_received_bytes_total"):#,0}",
                $"{Sum("istio_tcp_sent_bytes_total"):#,0}");

            double Sum(string name, params (string, string)[] more) =>
                metrics.Sum(name, [("reporter", "destination"), ("source_workload", caller.Name), .. more]);
        }

        output.Show(table);
    }
}
