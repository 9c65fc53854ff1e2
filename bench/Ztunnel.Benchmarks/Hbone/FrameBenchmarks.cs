using BenchmarkDotNet.Attributes;
using Ztunnel.Hbone;
using Ztunnel.Hbone.Http2;

namespace Ztunnel.Benchmarks.Hbone;

/// <summary>DATA through the engine, as the pump hands it over: 256 KiB of plaintext in frames of one size.</summary>
[MemoryDiagnoser]
public class FrameBenchmarks
{
    private const int ReadSize = 256 * 1024;

    private readonly Tunnel _tunnel = new();
    private readonly byte[] _nine = new byte[FrameHeader.Size];
    private byte[] _plaintext = [];
    private byte[] _windowUpdates = [];
    private Http2Stream _clientStream = null!;

    [Params(64, 1024, 16_384, ReadSize)]
    public int FrameSize { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _clientStream = _tunnel.Client.Open(Tunnel.Request, null);
        _tunnel.Exchange();
        using MemoryStream frames = new();
        byte[] frame = new byte[FrameHeader.Size + FrameSize];
        new FrameHeader(FrameSize, FrameType.Data, FrameFlags.None, _clientStream.Id).Write(frame);
        for (int i = 0; i < ReadSize / FrameSize; i++)
        {
            frames.Write(frame);
        }

        _plaintext = frames.ToArray();
        OutputBuffer updates = new();
        FrameWriter.WindowUpdate(updates, 0, FrameSize);
        FrameWriter.WindowUpdate(updates, _clientStream.Id, FrameSize);
        _windowUpdates = updates.Pending.ToArray();
    }

    [Benchmark]
    public void ReceiveData()
    {
        _tunnel.Now += 10;
        _tunnel.Server.Receive(_plaintext, _tunnel.Now);
        _tunnel.Server.Output.Clear();
    }

    /// <summary>One frame out, and its credit back.</summary>
    [Benchmark]
    public void SendDataAndReadWindowUpdates()
    {
        if (_tunnel.Client.SendAllowance(_clientStream) >= FrameSize)
        {
            _tunnel.Client.WriteDataHeader(_nine, _clientStream, FrameSize, endStream: false);
        }

        _tunnel.Client.Receive(_windowUpdates, _tunnel.Now);
    }
}
