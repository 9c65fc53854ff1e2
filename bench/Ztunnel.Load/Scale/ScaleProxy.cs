using System.Diagnostics;
using System.Globalization;
using Ztunnel.Lab;
using Ztunnel.Load.Figures;
using Ztunnel.Load.Mesh;

namespace Ztunnel.Load.Scale;

/// <summary>One proxy, its control plane and its mesh.</summary>
internal sealed class ScaleProxy : IAsyncDisposable
{
    // From one update to the next, whatever the size: right after one another, the next would find the proxy's threads
    // awake and its caches warm from the one before.
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(20);

    private readonly string _name;
    private readonly int _size;
    private readonly ScaleMesh _mesh;
    private readonly LabNetwork _network;
    private readonly LabControlPlane _plane;
    private readonly ZtunnelProcess _proxy;
    private readonly ChangeSamples _updates = new();
    private readonly ChangeSamples _again = new();
    private readonly ChangeSamples _pods = new();
    private readonly ChangeSamples _policies = new();
    private long _pushBytes;
    private double _pushSeconds;
    private TimeSpan _pushCpu;
    private long _grown;

    private ScaleProxy(string name, int size, LabNetwork network, LabControlPlane plane, ZtunnelProcess proxy)
    {
        _name = name;
        _size = size;
        _mesh = new ScaleMesh(size);
        _network = network;
        _plane = plane;
        _proxy = proxy;
    }

    public static async Task<ScaleProxy> StartAsync(string name, string binary, int size)
    {
        LabNetwork network = new();
        LabControlPlane plane = await LabControlPlane.StartAsync(network);
        ZtunnelProcess process = new(network, network.AddNode("node1"), plane, new ZtunnelOptions { Binary = binary });
        ScaleProxy proxy = new(name, size, network, plane, process);
        try
        {
            await process.ReadyAsync();
            return proxy;
        }
        catch
        {
            await proxy.DisposeAsync();
            throw;
        }
    }

    /// <param name="settling">How long what the push leaves behind may be put in order.</param>
    public async Task PushAsync(TimeSpan settling)
    {
        await LoadMesh.SettleAsync();
        long idle = _proxy.PssBytes;
        MeshResource[] resources = [.. _mesh.Resources()];
        _pushBytes = resources.Sum(static resource => (long)(resource.Payload?.Value.Length ?? 0));

        TimeSpan cpu = _proxy.CpuTime;
        long begin = Stopwatch.GetTimestamp();
        _plane.Set(resources);
        await _plane.WaitForAckAsync();
        _pushSeconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        await Task.Delay(settling);
        _pushCpu = _proxy.CpuTime - cpu;
        _grown = _proxy.PssBytes - idle;
    }

    /// <summary>
    /// So many changes that do not count: what a push left behind was given back to the system, and a proxy takes its
    /// first megabytes after that page by page.
    /// </summary>
    public Task WarmUpAsync(int count) => ChangeAsync(count, _mesh.ChangeEndpoint, new ChangeSamples());

    /// <summary>So many single changes of each kind.</summary>
    public async Task UpdateAsync(int count)
    {
        await ChangeAsync(count, _mesh.ChangeEndpoint, _updates);
        await ChangeAsync(count, _mesh.ChangeSameEndpoint, _again);
        await ChangeAsync(count, _mesh.ChangePod, _pods);
        await ChangeAsync(count, _mesh.ChangePolicy, _policies);
    }

    public ScaleFigures Figures() => new(
        _name,
        _size,
        _pushBytes,
        _pushSeconds,
        _pushCpu.TotalSeconds,
        _grown / (double)_size,
        _updates.Median(),
        _again.Median(),
        _pods.Median(),
        _policies.Median());

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{_name}, {_size:N0} workloads: pushed in {_pushSeconds:N2} s");

    public async ValueTask DisposeAsync()
    {
        _proxy.Dispose();
        await _plane.DisposeAsync();
        _network.Dispose();
    }

    /// <summary>
    /// Changes at a pace, and as long again without one, to tell what they cost. One more before them does not count:
    /// while the other proxies had their turns, this one's threads and caches went cold.
    /// </summary>
    private async Task ChangeAsync(int count, Func<ScaleChange> change, ChangeSamples samples)
    {
        using PeriodicTimer pace = new(s_pace);
        await MakeAsync(change());
        await pace.WaitForNextTickAsync();
        TimeSpan cpu = _proxy.CpuTime;
        long first = Stopwatch.GetTimestamp();
        for (int index = 0; index < count; index++)
        {
            samples.Answered(await MakeAsync(change()));
            await pace.WaitForNextTickAsync();
        }

        TimeSpan busy = _proxy.CpuTime - cpu;
        cpu = _proxy.CpuTime;
        await Task.Delay(Stopwatch.GetElapsedTime(first));
        TimeSpan idle = _proxy.CpuTime - cpu;
        samples.Cost((busy - idle) / count);
    }

    /// <returns>When the answer came.</returns>
    private async Task<TimeSpan> MakeAsync(ScaleChange change)
    {
        long begin = Stopwatch.GetTimestamp();
        change.MakeAt(_plane);
        await _plane.WaitForAckAsync();
        return Stopwatch.GetElapsedTime(begin);
    }
}
