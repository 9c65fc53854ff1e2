using System.Globalization;
using Ztunnel.Load.Figures;
using Ztunnel.Load.Generators;
using Ztunnel.Load.Mesh;

namespace Ztunnel.Load.Cases;

/// <summary>Questions about a service of the mesh, over UDP and through the pod's redirect.</summary>
internal sealed class DnsCase : ILoadCase
{
    private const int Window = 64;

    public string Name => "dns";

    public async Task RunAsync(LoadMesh mesh, LoadPlan plan, RoundFigures figures)
    {
        if (!mesh.HasProxies)
        {
            return; // nobody who would answer
        }

        TimeSpan before = mesh.CpuTime;
        RequestReport report = await mesh.Client.RunAsync<RequestReport>(
        [
            "dns", mesh.Target(53), LoadMesh.ServiceName,
            "--window", Window.ToString(CultureInfo.InvariantCulture),
            "--seconds", plan.Seconds.ToString(CultureInfo.InvariantCulture),
        ]);
        figures.AddErrors(Name, report.Errors);
        figures.Set("dns.ops_s", report.PerSecond);
        figures.Set("dns.p50_us", report.P50);
        figures.Set("dns.p99_us", report.P99);
        if (report.Operations > 0)
        {
            figures.Set("dns.cpu_us_per_op", (mesh.CpuTime - before).TotalMicroseconds / report.Operations);
        }
    }
}
