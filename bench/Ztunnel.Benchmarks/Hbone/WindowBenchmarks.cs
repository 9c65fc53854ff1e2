using BenchmarkDotNet.Attributes;
using Ztunnel.Hbone;
using Ztunnel.Hbone.Http2;

namespace Ztunnel.Benchmarks.Hbone;

/// <summary>Windows and the life of a stream: what one request or one connection costs besides its bytes.</summary>
[MemoryDiagnoser]
public class WindowBenchmarks
{
    private readonly Tunnel _tunnel = new();
    private readonly byte[] _payload = new byte[1024];
    private Http2Stream[] _many = [];
    private FlowWindow _window = new(4 * 1024 * 1024);

    [GlobalSetup]
    public void Setup()
    {
        _many = [.. Enumerable.Range(0, 64).Select(_ => _tunnel.Client.Open(Tunnel.Request, null))];
        _tunnel.Exchange();
    }

    [Benchmark]
    public int CreditAndReceive()
    {
        _window.TryReceive(16_384);
        return _window.Credit(16_384, 4 * 1024 * 1024);
    }

    /// <summary>CONNECT, 200, both ends, through client and server.</summary>
    [Benchmark]
    public void ConnectAndClose()
    {
        _tunnel.Now++;
        Http2Stream stream = _tunnel.Client.Open(Tunnel.Request, null);
        _tunnel.Exchange();
        _tunnel.Client.EndStream(stream);
        _tunnel.Exchange();
        _tunnel.Client.Release(stream);
        _tunnel.Server.Release(_tunnel.ServerStream);
    }

    /// <summary>64 streams of one tunnel send 1 KiB each: one turn of the pump.</summary>
    [Benchmark(OperationsPerInvoke = 64)]
    public void SmallDataOnManyStreams()
    {
        _tunnel.Now++;
        foreach (Http2Stream stream in _many)
        {
            _tunnel.Client.QueueData(stream, _payload, endStream: false);
        }

        _tunnel.Exchange();
    }
}
