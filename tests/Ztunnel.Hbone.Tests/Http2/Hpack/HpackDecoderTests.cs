using Ztunnel.Hbone.Http2;
using Ztunnel.Hbone.Http2.Hpack;

namespace Ztunnel.Hbone.Tests.Http2.Hpack;

public sealed class HpackDecoderTests
{
    private static readonly string[] FirstRequest =
        [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"];

    private static readonly string[] SecondRequest = [.. FirstRequest, "cache-control: no-cache"];

    private static readonly string[] ThirdRequest =
    [
        ":method: GET", ":scheme: https", ":path: /index.html", ":authority: www.example.com",
        "custom-key: custom-value",
    ];

    private static readonly string[] FirstResponse =
    [
        ":status: 302", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:21 GMT",
        "location: https://www.example.com",
    ];

    private static readonly string[] SecondResponse =
    [
        ":status: 307", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:21 GMT",
        "location: https://www.example.com",
    ];

    private static readonly string[] ThirdResponse =
    [
        ":status: 200", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:22 GMT",
        "location: https://www.example.com", "content-encoding: gzip",
        "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
    ];

    [Theory] // RFC 7541 C.2
    [InlineData("400a637573746f6d2d6b65790d637573746f6d2d686561646572", "custom-key: custom-header")]
    [InlineData("040c2f73616d706c652f70617468", ":path: /sample/path")]
    [InlineData("100870617373776f726406736563726574", "password: secret")]
    [InlineData("82", ":method: GET")]
    public void Decode_OneRepresentation_YieldsItsField(string block, string field) =>
        Assert.Equal([field], Decode(NewDecoder(), block));

    [Fact] // C.3
    public void Decode_RequestsWithoutHuffman_ShareOneTable()
    {
        HpackDecoder decoder = NewDecoder();

        Assert.Equal(FirstRequest, Decode(decoder, "828684410f7777772e6578616d706c652e636f6d"));
        Assert.Equal(SecondRequest, Decode(decoder, "828684be58086e6f2d6361636865"));
        Assert.Equal(
            ThirdRequest,
            Decode(decoder, "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565"));
    }

    [Fact] // C.4
    public void Decode_RequestsWithHuffman_ShareOneTable()
    {
        HpackDecoder decoder = NewDecoder();

        Assert.Equal(FirstRequest, Decode(decoder, "828684418cf1e3c2e5f23a6ba0ab90f4ff"));
        Assert.Equal(SecondRequest, Decode(decoder, "828684be5886a8eb10649cbf"));
        Assert.Equal(ThirdRequest, Decode(decoder, "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf"));
    }

    [Fact] // C.5, in a table of 256 octets: the leading update
    public void Decode_ResponsesThatEvict_StayRight()
    {
        HpackDecoder decoder = NewDecoder();

        Assert.Equal(FirstResponse, Decode(
            decoder,
            "3fe101" + "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e17"
            + "68747470733a2f2f7777772e6578616d706c652e636f6d"));
        Assert.Equal(SecondResponse, Decode(decoder, "4803333037c1c0bf"));
        Assert.Equal(ThirdResponse, Decode(
            decoder,
            "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b"
            + "48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31"));
    }

    [Fact] // C.6
    public void Decode_HuffmanResponsesThatEvict_StayRight()
    {
        HpackDecoder decoder = NewDecoder();

        Assert.Equal(FirstResponse, Decode(
            decoder,
            "3fe101" + "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c7"
            + "8f0b97c8e9ae82ae43d3"));
        Assert.Equal(SecondResponse, Decode(decoder, "4883640effc1c0bf"));
        Assert.Equal(ThirdResponse, Decode(
            decoder,
            "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960"
            + "d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007"));
    }

    [Theory]
    [InlineData("80")] // index 0
    [InlineData("be")] // behind the static table, nothing there
    [InlineData("ff")] // integer cut off
    [InlineData("ff80808080808001")] // integer without end
    [InlineData("40")] // name cut off
    [InlineData("4003616263")] // value missing
    [InlineData("40036162630561")] // value cut off
    [InlineData("3fe21f")] // table above 4096
    [InlineData("8220")] // size update behind a field
    [InlineData("000181fe0161")] // Huffman padding not of ones... or a code cut off
    [InlineData("0084ffffffff0161")] // EOS in a string
    public void Decode_BrokenBlock_IsACompressionError(string block)
    {
        var thrown = Assert.Throws<Http2ConnectionException>(() => Decode(NewDecoder(), block));

        Assert.Equal(Http2ErrorCode.CompressionError, thrown.Code);
    }

    [Fact]
    public void Decode_ListAboveLimit_IsReadToItsEndForTheTable()
    {
        HpackDecoder decoder = NewDecoder(maxListSize: 100, bombSize: 1000);
        byte[] large = [0, 1, (byte)'a', 0x7f, 0x49, .. new byte[200]];

        Assert.Equal([], Decode(decoder, Convert.ToHexString(large) + "400161" + "0162"));

        Assert.True(decoder.IsOverLimit);
        Assert.Equal(["a: b"], Decode(decoder, "be"));
        Assert.False(decoder.IsOverLimit);
    }

    [Fact]
    public void Decode_SmallBlockHugeList_IsABomb()
    {
        HpackDecoder decoder = NewDecoder(maxListSize: 65_536, bombSize: 262_144);
        Decode(decoder, "400161" + "7fa11e" + string.Concat(Enumerable.Repeat("62", 4000)));

        var thrown = Assert.Throws<Http2ConnectionException>(
            () => Decode(decoder, string.Concat(Enumerable.Repeat("be", 100))));

        Assert.Equal((AbuseKind.HeaderBomb, Http2ErrorCode.EnhanceYourCalm), (thrown.Abuse, thrown.Code));
    }

    [Fact]
    public void Decode_EntryLargerThanTable_EmptiesIt()
    {
        HpackDecoder decoder = NewDecoder();
        Decode(decoder, "4001610162");
        Decode(decoder, "400161" + "7fa11f" + string.Concat(Enumerable.Repeat("62", 4128)));

        Assert.Throws<Http2ConnectionException>(() => Decode(decoder, "be"));
    }

    [Fact]
    public void Decode_RandomBlocks_NeverAnotherException()
    {
        Random random = new(7541);
        HpackDecoder decoder = NewDecoder();
        for (int round = 0; round < 50_000; round++)
        {
            byte[] block = new byte[random.Next(1, 40)];
            random.NextBytes(block);
            try
            {
                decoder.Decode(block, new FieldList(), round * 1000L);
            }
            catch (Http2ConnectionException broken)
            {
                Assert.Equal(Http2ErrorCode.CompressionError, broken.Code);
            }
        }
    }

    [Fact]
    public void Decode_RandomTraffic_AgreesWithAPlainTable()
    {
        Random random = new(42);
        HpackDecoder decoder = NewDecoder();
        List<string> plain = []; // newest first
        for (int round = 0; round < 5_000; round++)
        {
            if (plain.Count > 0 && random.Next(2) == 0)
            {
                int index = random.Next(plain.Count);
                byte[] block = new byte[6];
                int length = HpackInteger.Encode(block, 0x80, 7, 62 + index);
                Assert.Equal([plain[index]], Decode(decoder, Convert.ToHexString(block, 0, length)));
                continue;
            }

            string value = new((char)random.Next('a', 'z'), random.Next(0, 300));
            byte[] literal = [0x40, .. Wire.Block(("n" + (round % 10), value))[1..]];
            Decode(decoder, Convert.ToHexString(literal));
            plain.Insert(0, $"n{round % 10}: {value}");
            while (plain.Sum(static entry => entry.Length - 2 + 32) > 4096)
            {
                plain.RemoveAt(plain.Count - 1);
            }
        }

        decoder.Clear();
    }

    private static HpackDecoder NewDecoder(int maxListSize = 65_536, int bombSize = 1 << 20)
    {
        AbuseBudget budget = new(new AbuseLimits { HpackThrash = new BucketLimit(1 << 20, 1) });
        budget.Start(0);
        return new HpackDecoder(maxListSize, bombSize, budget);
    }

    private static List<string> Decode(HpackDecoder decoder, string block)
    {
        FieldList list = new();
        decoder.Decode(Convert.FromHexString(block), list, 0);
        return list.Fields;
    }
}
