using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Ztunnel.OpenSsl;

namespace Ztunnel.Benchmarks.OpenSsl;

/// <summary>Records through libssl, both ends on one thread: what a byte costs besides the kernel.</summary>
[MemoryDiagnoser]
public unsafe class TlsBenchmarks : IDisposable
{
    private const int Room = 16 * 1024;

    private TlsTunnel _tunnel = null!;
    private byte* _plain;
    private byte* _into;

    /// <summary>One small request, one record, one turn of a busy stream.</summary>
    [Params(64, 16 * 1024, 256 * 1024)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _tunnel = new TlsTunnel();
        _plain = (byte*)NativeMemory.AllocZeroed((nuint)Bytes);
        _into = (byte*)NativeMemory.AllocZeroed(Room);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _tunnel.Dispose();
        NativeMemory.Free(_plain);
        NativeMemory.Free(_into);
    }

    [Benchmark]
    public int Write()
    {
        _tunnel.Client.Write(_plain, Bytes, _tunnel.FromClient);
        int length = _tunnel.FromClient.Length;
        _tunnel.FromClient.Clear(); // never read: nothing of it is needed for the next
        return length;
    }

    [Benchmark]
    public int WriteAndRead()
    {
        _tunnel.Client.Write(_plain, Bytes, _tunnel.FromClient);
        return _tunnel.Deliver(_into, Room);
    }
}
