using System.Text;
using BenchmarkDotNet.Attributes;
using Ztunnel.Hbone;
using Ztunnel.Hbone.Http2.Hpack;

namespace Ztunnel.Benchmarks.Hbone;

/// <summary>
/// Header blocks of a CONNECT: the first on a connection, those after it, and one from a peer that Huffman-codes.
/// </summary>
[MemoryDiagnoser]
public class HpackBenchmarks
{
    private readonly HpackEncoder _encoder = new();
    private readonly OutputBuffer _output = new();
    private readonly RequestHeaders _headers = new();
    private readonly byte[] _text = Encoding.ASCII.GetBytes(Tunnel.Request.Baggage);
    private readonly byte[] _decoded = new byte[1024];
    private AbuseBudget _budget = null!;
    private HpackDecoder _decoder = null!;
    private byte[] _first = [];
    private byte[] _repeated = [];
    private byte[] _huffman = [];

    [GlobalSetup]
    public void Setup()
    {
        _budget = new AbuseBudget(new AbuseLimits());
        _budget.Start(0);
        _decoder = new HpackDecoder(65_536, 262_144, _budget);
        _first = Encode();
        _repeated = Encode();
        _huffman = new byte[Huffman.EncodedLength(_text)];
        Huffman.Encode(_text, _huffman);
        _decoder.Decode(_first, _headers, 0);
    }

    [Benchmark]
    public int EncodeRepeatedRequest()
    {
        Write();
        int length = _output.Length;
        _output.Clear();
        return length;
    }

    [Benchmark]
    public object? DecodeRepeatedRequest()
    {
        _headers.Reset();
        _decoder.Decode(_repeated, _headers, 0);
        return _headers.Complete();
    }

    [Benchmark]
    public object? DecodeFirstRequest()
    {
        HpackDecoder decoder = new(65_536, 262_144, _budget);
        _headers.Reset();
        decoder.Decode(_first, _headers, 0);
        decoder.Clear();
        return _headers.Complete();
    }

    [Benchmark]
    public bool DecodeHuffmanBaggage() => Huffman.TryDecode(_huffman, _decoded, out _);

    [Benchmark]
    public int EncodeHuffmanBaggage() => Huffman.Encode(_text, _decoded);

    private byte[] Encode()
    {
        Write();
        byte[] block = _output.Pending.ToArray();
        _output.Clear();
        return block;
    }

    private void Write()
    {
        ConnectRequest request = Tunnel.Request;
        _encoder.BeginBlock(_output);
        _encoder.WriteRepeated(_output, ":method", StaticTable.MethodName, "CONNECT");
        _encoder.WriteRepeated(_output, ":authority", StaticTable.AuthorityName, request.Authority);
        _encoder.WriteRepeated(_output, "baggage", 0, request.Baggage);
        _encoder.WriteUnique(_output, "forwarded", request.Forwarded);
        _encoder.WriteUnique(_output, "traceparent", request.TraceParent);
    }
}
