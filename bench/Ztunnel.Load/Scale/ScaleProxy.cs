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
    private readonly List<double> _updateMilliseconds = [];
    private readonly List<double> _updateMicroseconds = [];
    private readonly List<double> _policyMilliseconds = [];
    private readonly List<double> _policyMicroseconds = [];
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

    /// <summary>So many single changes of endpoints, each of another workload, and then as many of policies.</summary>
    public async Task UpdateAsync(int count)
    {
        _updateMicroseconds.Add(await ChangeAsync(count, _mesh.EndpointChange, _updateMilliseconds));
        _policyMicroseconds.Add(await ChangeAsync(count, ScaleMesh.PolicyChange, _policyMilliseconds));
    }

    public ScaleFigures Figures() => new(
        _name,
        _size,
        _pushBytes,
        _pushSeconds,
        _pushCpu.TotalSeconds,
        _grown / (double)_size,
        _updateMilliseconds.Median() ?? 0,
        _updateMicroseconds.Median() ?? 0,
        _policyMilliseconds.Median() ?? 0,
        _policyMicroseconds.Median() ?? 0);

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{_name}, {_size:N0} workloads: pushed in {_pushSeconds:N2} s");

    public async ValueTask DisposeAsync()
    {
        _proxy.Dispose();
        await _plane.DisposeAsync();
        _network.Dispose();
    }

    /// <summary>Changes at a pace, and as long again without one, to tell what they cost.</summary>
    /// <param name="change">By how many there were before.</param>
    /// <param name="milliseconds">Those there were; gets how long each took to be answered.</param>
    /// <returns>µs of the proxy's CPU time for each.</returns>
    private async Task<double> ChangeAsync(int count, Func<int, MeshResource> change, List<double> milliseconds)
    {
        TimeSpan cpu = _proxy.CpuTime;
        long first = Stopwatch.GetTimestamp();
        using PeriodicTimer pace = new(s_pace);
        for (int index = 0; index < count; index++)
        {
            await pace.WaitForNextTickAsync();
            long begin = Stopwatch.GetTimestamp();
            _plane.Set(change(milliseconds.Count));
            await _plane.WaitForAckAsync();
            milliseconds.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
        }

        await pace.WaitForNextTickAsync();
        TimeSpan busy = _proxy.CpuTime - cpu;
        cpu = _proxy.CpuTime;
        await Task.Delay(Stopwatch.GetElapsedTime(first));
        TimeSpan idle = _proxy.CpuTime - cpu;
        return (busy - idle).TotalMicroseconds / count;
    }
}
