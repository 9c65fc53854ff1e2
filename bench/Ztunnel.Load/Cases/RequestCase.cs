using System.Globalization;
using Ztunnel.Load.Figures;
using Ztunnel.Load.Generators;
using Ztunnel.Load.Mesh;

namespace Ztunnel.Load.Cases;

/// <summary>Requests and answers, on connections that stay or on one each.</summary>
internal sealed class RequestCase(string name, int connections, int size, bool reconnects) : ILoadCase
{
    public string Name => name;

    public async Task RunAsync(LoadMesh mesh, LoadPlan plan, RoundFigures figures)
    {
        TimeSpan before = mesh.CpuTime;
        RequestReport report = await mesh.Client.RunAsync<RequestReport>(
        [
            "request", mesh.Target(LoadServer.EchoPort),
            "--connections", connections.ToString(CultureInfo.InvariantCulture),
            "--size", size.ToString(CultureInfo.InvariantCulture),
            "--seconds", plan.Seconds.ToString(CultureInfo.InvariantCulture),
            .. reconnects ? ["--reconnect"] : Array.Empty<string>(),
        ]);
        figures.AddErrors(name, report.Errors);
        figures.Set($"{name}.ops_s", report.PerSecond);
        figures.Set($"{name}.p50_us", report.P50);
        figures.Set($"{name}.p99_us", report.P99);
        if (mesh.HasProxies && report.Operations > 0)
        {
            figures.Set($"{name}.cpu_us_per_op", (mesh.CpuTime - before).TotalMicroseconds / report.Operations);
        }
    }
}
