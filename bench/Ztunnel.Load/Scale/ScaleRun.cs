using System.Diagnostics;
using Ztunnel.Lab;
using Ztunnel.Load.Figures;
using Ztunnel.Load.Mesh;

namespace Ztunnel.Load.Scale;

/// <summary>One proxy, one control plane, and meshes of growing size.</summary>
internal sealed class ScaleRun(IReadOnlyList<ProgramFigures> programs, IReadOnlyList<int> sizes, int updates)
{
    // What a large push leaves behind is given back a second later, and that takes its time too.
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(5);

    // From one update to the next, whatever the size: right after one another, the next would find the proxy's threads
    // awake and its caches warm from the one before.
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(20);

    /// <param name="told">Each as it is measured.</param>
    public async Task RunAsync(Action<ScaleFigures> told, CancellationToken cancellation)
    {
        foreach (int size in sizes)
        {
            foreach (ProgramFigures program in programs.Where(program => program.Path is not null))
            {
                cancellation.ThrowIfCancellationRequested();
                told(await MeasureAsync(program.Name, program.Path!, size));
            }
        }
    }

    private async Task<ScaleFigures> MeasureAsync(string name, string binary, int size)
    {
        using LabNetwork network = new();
        await using LabControlPlane plane = await LabControlPlane.StartAsync(network);
        using ZtunnelProcess proxy = new(network, network.AddNode("node1"), plane, new ZtunnelOptions { Binary = binary });
        await proxy.ReadyAsync();
        await LoadMesh.SettleAsync();
        long idle = proxy.PssBytes;

        ScaleMesh mesh = new(size);
        MeshResource[] resources = [.. mesh.Resources()];
        TimeSpan cpu = proxy.CpuTime;
        long begin = Stopwatch.GetTimestamp();
        plane.Set(resources);
        await plane.WaitForAckAsync();
        double pushSeconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        await Task.Delay(s_settling);
        double pushCpu = (proxy.CpuTime - cpu).TotalSeconds;
        long full = proxy.PssBytes;

        (double milliseconds, double cpuMicroseconds) = await UpdateAsync(plane, proxy, mesh);
        return new ScaleFigures(
            name,
            size,
            resources.Sum(static resource => (long)(resource.Payload?.Value.Length ?? 0)),
            pushSeconds,
            pushCpu,
            (full - idle) / (double)size,
            milliseconds,
            cpuMicroseconds);
    }

    private async Task<(double Milliseconds, double CpuMicroseconds)> UpdateAsync(
        LabControlPlane plane, ZtunnelProcess proxy, ScaleMesh mesh)
    {
        double[] milliseconds = new double[updates];
        TimeSpan cpu = proxy.CpuTime;
        long first = Stopwatch.GetTimestamp();
        using PeriodicTimer pace = new(s_pace);
        for (int index = 0; index < updates; index++)
        {
            await pace.WaitForNextTickAsync();
            long begin = Stopwatch.GetTimestamp();
            plane.Set(mesh.Change(index * 97, isHealthy: false));
            await plane.WaitForAckAsync();
            milliseconds[index] = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(first);
        TimeSpan used = proxy.CpuTime - cpu - (await IdleShareAsync(proxy) * elapsed);
        Array.Sort(milliseconds);
        return (milliseconds[updates / 2], used.TotalMicroseconds / updates);
    }

    // What a proxy with nothing new to learn uses all the same.
    private static async Task<double> IdleShareAsync(ZtunnelProcess proxy)
    {
        TimeSpan cpu = proxy.CpuTime;
        long begin = Stopwatch.GetTimestamp();
        await Task.Delay(s_settling);
        return (proxy.CpuTime - cpu) / Stopwatch.GetElapsedTime(begin);
    }
}
