using Ztunnel.Dns.Messages;

namespace Ztunnel.Tests.Dns.Messages;

public sealed class DnsQueryTests
{
    private static readonly byte[] s_whole = Wire.Query("Echo.default.", payload: 1400, dnssec: true);

    public static TheoryData<int> EveryCut => [.. Enumerable.Range(0, s_whole.Length)];

    [Fact]
    public void TryRead_QueryWithOptions_HasEverything()
    {
        Assert.Equal(QueryStatus.Question, DnsQuery.TryRead(s_whole, out DnsQuery query));

        Assert.Equal(Wire.Name("Echo.default"), query.Name.ToArray());
        Assert.Equal((RecordType.A, (ushort)1), (query.Type, query.Class));
        Assert.Equal(new Edns(true, 1400, 0, true), query.Edns);
        Assert.Equal(1400, query.Edns.Limit);
    }

    [Theory, MemberData(nameof(EveryCut))]
    public void TryRead_CutAnywhere_IsRefusedOrIgnored(int length)
    {
        QueryStatus status = DnsQuery.TryRead(s_whole.AsSpan(0, length), out _);

        Assert.Equal(length < DnsHeader.Size ? QueryStatus.NotAQuery : QueryStatus.Malformed, status);
    }

    [Theory]
    [InlineData(0x8100, 1, QueryStatus.NotAQuery)] // an answer
    [InlineData(0x2800, 1, QueryStatus.OtherOpcode)] // UPDATE
    [InlineData(0x2000, 0, QueryStatus.OtherOpcode)] // NOTIFY without anything
    [InlineData(0x0100, 0, QueryStatus.NotOneQuestion)]
    public void TryRead_ByHeader_IsWhatItSays(int flags, int questions, object expected)
    {
        byte[] message = [.. Wire.Header(1, flags, questions), .. questions == 0 ? [] : Wire.Query("a")[12..]];

        Assert.Equal(expected, DnsQuery.TryRead(message, out _));
    }

    [Fact]
    public void TryRead_TwoQuestions_IsNotOne()
    {
        byte[] message = [.. Wire.Header(1, 0, questions: 2), .. Wire.Query("a")[12..], .. Wire.Query("b")[12..]];

        Assert.Equal(QueryStatus.NotOneQuestion, DnsQuery.TryRead(message, out _));
    }

    [Fact]
    public void TryRead_CountsMoreThanThereIs_IsMalformed()
    {
        byte[] query = Wire.Query("a")[12..];

        Assert.Equal(
            QueryStatus.Malformed, DnsQuery.TryRead([.. Wire.Header(1, 0, questions: 65535), .. query], out _));
        Assert.Equal(
            QueryStatus.Malformed, DnsQuery.TryRead([.. Wire.Header(1, 0, additionals: 65535), .. query], out _));
    }

    [Fact]
    public void TryRead_TwoOptionsOrOneWithAnOwner_IsMalformed()
    {
        byte[] question = Wire.Query("a")[12..];

        Assert.Equal(QueryStatus.Malformed, DnsQuery.TryRead(
            [.. Wire.Header(1, 0, additionals: 2), .. question, .. Wire.Options(512), .. Wire.Options(512)], out _));
        Assert.Equal(QueryStatus.Malformed, DnsQuery.TryRead(
            [.. Wire.Header(1, 0, additionals: 1), .. question, .. Wire.Record("x", 41, [])], out _));
    }

    [Fact]
    public void TryRead_CompressionLoopInTheQuestion_IsMalformed()
    {
        byte[] message = [.. Wire.Header(1, 0), 0xC0, 12, 0, 1, 0, 1];

        Assert.Equal(QueryStatus.Malformed, DnsQuery.TryRead(message, out _));
    }

    [Theory]
    [InlineData(100, 512)]
    [InlineData(512, 512)]
    [InlineData(1232, 1232)]
    public void Limit_OfSmallPayload_Is512(ushort payload, int limit)
    {
        DnsQuery.TryRead(Wire.Query("a", payload: payload), out DnsQuery query);

        Assert.Equal(limit, query.Edns.Limit);
    }

    [Fact]
    public void TryRead_RandomBytesAndFlippedBits_NeverThrows()
    {
        Random random = new(11);
        for (int round = 0; round < 50_000; round++)
        {
            byte[] message = round % 2 == 0 ? [.. s_whole] : new byte[random.Next(0, 600)];
            if (round % 2 == 0)
            {
                message[random.Next(message.Length)] ^= (byte)(1 << random.Next(8));
            }
            else
            {
                random.NextBytes(message);
            }

            if (DnsQuery.TryRead(message, out DnsQuery query) == QueryStatus.Question)
            {
                Assert.True(query.Name.Length is > 0 and <= DnsName.MaxSize);
                Assert.Equal(0, query.Name[^1]);
            }
            else if (message.Length >= DnsHeader.Size)
            {
                byte[] answer = new byte[Math.Max(message.Length, 512)];
                int length = ErrorAnswer.Write(answer, message, ResponseCode.FormatError);
                Assert.InRange(length, DnsHeader.Size, message.Length);
            }
        }
    }

    [Fact]
    public void TryRead_LargestMessage_IsRead()
    {
        byte[] rest = Wire.Record("x", 16, new byte[65_000]);
        byte[] message = [.. Wire.Header(1, 0, answers: 1), .. Wire.Query("a")[12..], .. rest];

        Assert.Equal(QueryStatus.Question, DnsQuery.TryRead(message, out _));
    }
}
