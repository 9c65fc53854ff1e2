using System.Globalization;
using Ztunnel.Load.Figures;
using Ztunnel.Load.Generators;
using Ztunnel.Load.Mesh;

namespace Ztunnel.Load.Cases;

/// <summary>Bytes, as many as go through.</summary>
internal sealed class StreamCase(string name, int streams, bool isReverse) : ILoadCase
{
    private const double Gibibyte = 1 << 30;

    public string Name => name;

    public async Task RunAsync(LoadMesh mesh, LoadPlan plan, RoundFigures figures)
    {
        TimeSpan before = mesh.CpuTime;
        StreamReport report = await mesh.Client.RunAsync<StreamReport>(
        [
            "stream", mesh.Target(isReverse ? LoadServer.SourcePort : LoadServer.SinkPort),
            "--connections", streams.ToString(CultureInfo.InvariantCulture),
            "--seconds", plan.Seconds.ToString(CultureInfo.InvariantCulture),
            .. isReverse ? ["--reverse"] : Array.Empty<string>(),
        ]);
        figures.AddErrors(name, report.Errors);
        figures.Set($"{name}.gbit_s", report.Bytes * 8 / report.Seconds / 1e9);
        if (mesh.HasProxies)
        {
            figures.Set($"{name}.cpu_s_per_gib", (mesh.CpuTime - before).TotalSeconds / (report.Bytes / Gibibyte));
        }
    }
}
