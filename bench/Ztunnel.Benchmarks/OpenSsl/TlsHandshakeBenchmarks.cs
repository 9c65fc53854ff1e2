using BenchmarkDotNet.Attributes;
using Ztunnel.OpenSsl;

namespace Ztunnel.Benchmarks.OpenSsl;

/// <summary>A mutual handshake from nothing, both ends.</summary>
[MemoryDiagnoser]
public class TlsHandshakeBenchmarks : IDisposable
{
    private readonly TlsTunnel _tunnel = new();

    [GlobalCleanup]
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _tunnel.Dispose();
    }

    [Benchmark]
    public void Handshake()
    {
        (TlsSession client, TlsSession server) = _tunnel.Connect();
        client.Dispose();
        server.Dispose();
    }
}
