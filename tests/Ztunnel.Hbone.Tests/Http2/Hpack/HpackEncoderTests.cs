using Ztunnel.Hbone.Http2.Hpack;

namespace Ztunnel.Hbone.Tests.Http2.Hpack;

public sealed class HpackEncoderTests
{
    private readonly HpackEncoder _encoder = new();
    private readonly HpackDecoder _decoder;

    public HpackEncoderTests()
    {
        AbuseBudget budget = new(new AbuseLimits { HpackThrash = new BucketLimit(10_000, 1) });
        budget.Start(0);
        _decoder = new HpackDecoder(1 << 20, 1 << 22, budget);
    }

    [Fact]
    public void WriteRepeated_SecondTime_IsOneOctet()
    {
        int first = Encode(output => _encoder.WriteRepeated(output, "baggage", 0, "a=b"), "baggage: a=b");
        int second = Encode(output => _encoder.WriteRepeated(output, "baggage", 0, "a=b"), "baggage: a=b");

        Assert.Equal((13, 1), (first, second));
    }

    [Fact]
    public void WriteUnique_SecondTime_ReusesTheName()
    {
        Encode(output => _encoder.WriteUnique(output, "forwarded", "x"), "forwarded: x");
        int second = Encode(output => _encoder.WriteUnique(output, "forwarded", "yz"), "forwarded: yz");

        Assert.Equal(1 + 1 + 1 + 2, second); // 62 does not fit a prefix of four bits
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(4096)]
    [InlineData(100_000)]
    public void SetPeerTableSize_ThenTraffic_StaysInStep(int size)
    {
        Random random = new(size);
        TraceParent trace = TraceParent.CreateRandom();
        for (int round = 0; round < 3_000; round++)
        {
            if (round % 500 == 100)
            {
                _encoder.SetPeerTableSize((uint)random.Next(5000));
                _encoder.SetPeerTableSize((uint)size);
            }

            string value = new('v', random.Next(400));
            string authority = $"10.0.0.{random.Next(60)}:80";
            Encode(
                output =>
                {
                    _encoder.WriteRepeated(output, ":authority", StaticTable.AuthorityName, authority);
                    _encoder.WriteRepeated(output, "baggage", 0, value);
                    _encoder.WriteUnique(output, "forwarded", value);
                    _encoder.WriteUnique(output, "traceparent", trace);
                    HpackEncoder.WriteStatic(output, 8);
                },
                $":authority: {authority}", $"baggage: {value}", $"forwarded: {value}", $"traceparent: {trace}",
                ":status: 200");
        }
    }

    private int Encode(Action<OutputBuffer> write, params string[] expected)
    {
        OutputBuffer output = new();
        _encoder.BeginBlock(output);
        write(output);
        FieldList list = new();
        _decoder.Decode(output.Pending, list, 0);
        Assert.Equal(expected, list.Fields);
        return output.Length;
    }
}
