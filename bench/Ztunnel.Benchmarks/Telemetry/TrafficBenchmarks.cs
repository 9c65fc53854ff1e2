using BenchmarkDotNet.Attributes;
using Ztunnel.Telemetry;

namespace Ztunnel.Benchmarks.Telemetry;

/// <summary>What a connection pays for its metrics: once the lookup, per read the addition.</summary>
[MemoryDiagnoser]
public class TrafficBenchmarks
{
    private readonly TrafficMetrics _traffic = new(new MetricSet(workers: 4), TimeSpan.FromMinutes(5), TimeProvider.System);
    private TrafficPeer _source = TrafficPeer.Unknown;
    private TrafficPeer _destination = TrafficPeer.Unknown;
    private TrafficService _service = TrafficService.None;
    private TrafficCell _cell = new();
    private string[] _names = [];
    private int _next;

    [Params(10, 10_000)]
    public int Series { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _names = [.. Enumerable.Range(0, Series).Select(at => $"workload-{at}")];
        _service = new TrafficService("cart.shop.svc.cluster.local", "shop", "cart");
        _destination = Peer("cart");
        foreach (string name in _names)
        {
            _source = Peer(name);
            _cell = _traffic.Series(Labels()).Cell(0);
        }
    }

    [Benchmark]
    public long LabelsAndLookup() => _traffic.Series(Labels()).Labels.IsMutualTls ? 1 : 0;

    /// <summary>A peer nobody kept: its ten labels are hashed first.</summary>
    [Benchmark]
    public long NewPeerAndLookup()
    {
        _next = (_next + 1) % _names.Length;
        TrafficLabels labels = Labels() with { Source = Peer(_names[_next]) };
        return _traffic.Series(labels).Labels.IsMutualTls ? 1 : 0;
    }

    [Benchmark]
    public void CountBytes() => _cell.Received(1460);

    private TrafficLabels Labels() => new()
    {
        Reporter = Reporter.Source,
        Source = _source,
        Destination = _destination,
        Service = _service,
        IsMutualTls = true,
    };

    private static TrafficPeer Peer(string name) => new()
    {
        Workload = name,
        CanonicalService = name,
        CanonicalRevision = "v1",
        Namespace = "shop",
        Principal = "spiffe://cluster.local/ns/shop/sa/cart",
        App = name,
        Version = "v1",
        Cluster = "c1",
    };
}
