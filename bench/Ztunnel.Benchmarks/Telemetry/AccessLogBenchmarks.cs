using BenchmarkDotNet.Attributes;
using Ztunnel.Linux;
using Ztunnel.Telemetry;

namespace Ztunnel.Benchmarks.Telemetry;

/// <summary>One access line: formatted and queued, or filtered out.</summary>
[MemoryDiagnoser]
public class AccessLogBenchmarks : IDisposable
{
    private readonly LogWriter _writer = new(Stream.Null);
    private AccessLog _text = null!;
    private AccessLog _json = null!;
    private AccessLog _off = null!;
    private AccessRecord _record;

    [GlobalSetup]
    public void Setup()
    {
        LogFilter.Default.TryWith("error", out LogFilter? error);
        _text = Log(LogFilter.Default, LogFormat.Text);
        _json = Log(LogFilter.Default, LogFormat.Json);
        _off = Log(error!, LogFormat.Text);
        TrafficPeer peer = new()
        {
            Workload = "cart",
            Namespace = "shop",
            Principal = "spiffe://cluster.local/ns/shop/sa/cart",
            Cluster = "c1",
        };
        _record = new AccessRecord
        {
            Labels = new TrafficLabels { Source = peer, Destination = peer, IsMutualTls = true },
            SourceAddress = InetEndpoint.Parse("10.20.0.9:40000"),
            SourceName = "web-0",
            DestinationAddress = InetEndpoint.Parse("10.20.1.7:15008"),
            HboneAddress = "10.20.1.7:8080",
            DestinationName = "cart-0",
            Received = 120,
            Sent = 900,
            Duration = TimeSpan.FromMilliseconds(12),
        };
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _writer.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public void Text() => _text.Complete(_record);

    [Benchmark]
    public void Json() => _json.Complete(_record);

    [Benchmark]
    public void FilteredOut() => _off.Complete(_record);

    private AccessLog Log(LogFilter filter, LogFormat format) =>
        new(new LogFactory(_writer, filter, format, TimeProvider.System));
}
