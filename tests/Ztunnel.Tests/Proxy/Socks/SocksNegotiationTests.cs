using System.Text;
using Ztunnel.Linux;
using Ztunnel.Proxy.Socks;

namespace Ztunnel.Tests.Proxy.Socks;

public class SocksNegotiationTests
{
    private const string V6Address = "20010DB8000000000000000000000001";
    private const string MethodSelection = "0500";
    private const string Success = "05000001000000000000";
    private const string Refused = "05070001000000000000";
    private const string NoAddress = "05040001000000000000";

    /// <summary>Bytes of a client, the replies, how it ends.</summary>
    public static TheoryData<string, string, string> Conversations => new()
    {
        { "050100" + "05010001" + "0A000002" + "1F90", MethodSelection + Success, "Connect 10.0.0.2:8080" },
        { "05020200" + "0501FF01" + "0A000002" + "0000", MethodSelection + Success, "Connect 10.0.0.2:0" }, // RSV FF
        { "050100" + "05010004" + V6Address + "FFFF", MethodSelection + Success, "Connect [2001:db8::1]:65535" },
        { "050100" + "05010003" + "036E6F740050", MethodSelection + NoAddress, "Failed no address for not" },
        { "050100" + "05010003" + "0468657265" + "0050", MethodSelection + Success, "Connect 127.0.0.1:80" },
        { "0401", Refused, "Failed version 4" },
        { "0500", Refused, "Failed no authentication methods" },
        { "05020102", Refused, "Failed client requires authentication" },
        { "050100" + "04010001", MethodSelection + Refused, "Failed version 4" },
        { "050100" + "05020001", MethodSelection + Refused, "Failed unsupported command 2" },
        { "050100" + "05010002", MethodSelection + Refused, "Failed unsupported address type 2" },
        { "050100" + "05010003" + "00", MethodSelection + Refused, "Failed empty host name" },
        { "050100" + "05010003" + "01FF", MethodSelection + Refused, "Failed host name is not UTF-8" },
    };

    [Theory, MemberData(nameof(Conversations))]
    public void Advance_CutAnywhere_SaysTheSame(string client, string replies, string end)
    {
        byte[] bytes = Convert.FromHexString(client);

        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            Conversation conversation = new();
            conversation.Hear(bytes.AsSpan(0, cut));
            conversation.Hear(bytes.AsSpan(cut));

            Assert.Equal((replies, end), (conversation.Replies, conversation.End));
        }
    }

    [Theory, MemberData(nameof(Conversations))]
    public void Advance_ByteByByte_SaysTheSame(string client, string replies, string end)
    {
        Conversation conversation = new();

        foreach (byte one in Convert.FromHexString(client))
        {
            conversation.Hear([one]);
        }

        Assert.Equal((replies, end), (conversation.Replies, conversation.End));
    }

    [Theory, MemberData(nameof(Conversations))]
    public void Advance_ShortOfItsLastByte_StillWaits(string client, string replies, string end)
    {
        Conversation conversation = new();

        conversation.Hear(Convert.FromHexString(client).AsSpan()[..^1]);

        Assert.True(conversation.End == "NeedMore" || end.StartsWith("Failed no address", StringComparison.Ordinal));
        Assert.StartsWith(conversation.Replies, replies, StringComparison.Ordinal);
    }

    [Fact]
    public void Advance_NameWhereNamesAreNotResolved_IsRefused()
    {
        Conversation conversation = new(resolvesNames: false);

        conversation.Hear(Convert.FromHexString("050100" + "05010003" + "0468657265" + "0050"));

        Assert.Equal((MethodSelection + Refused, "Failed DNS disabled"), (conversation.Replies, conversation.End));
    }

    [Fact]
    public void Advance_BytesBehindTheRequest_StayUnread()
    {
        ReadOnlySpan<byte> input = Convert.FromHexString("050100" + "05010001" + "0A000002" + "1F90" + "CAFE");
        SocksNegotiation negotiation = new(resolvesNames: false);
        byte[] reply = new byte[SocksReply.MaxSize];

        SocksStatus status = negotiation.Advance(ref input, reply, out int length);

        Assert.Equal((SocksStatus.Connect, 12), (status, length));
        Assert.Equal([0xCA, 0xFE], input.ToArray());
        Assert.Equal(SocksStatus.Connect, negotiation.Advance(ref input, reply, out length));
        Assert.Equal((2, 0), (input.Length, length));
    }

    [Fact]
    public void Advance_LongestName_IsKeptWhole()
    {
        string name = new('x', 255);
        SocksNegotiation negotiation = new(resolvesNames: true);
        ReadOnlySpan<byte> input = [5, 1, 0, 5, 1, 0, 3, 255, .. Encoding.UTF8.GetBytes(name)];

        Assert.Equal(SocksStatus.NeedAddress, negotiation.Advance(ref input, new byte[SocksReply.MaxSize], out _));
        Assert.Equal(name, negotiation.Host);
    }

    [Fact]
    public void Resolve_UnaskedFor_Throws() => Assert.Throws<InvalidOperationException>(
        () => new SocksNegotiation(resolvesNames: true).Resolve(null, new byte[SocksReply.MaxSize], out _));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Advance_RandomInput_EndsInOneOfTheEnds(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = new byte[random.Next(1, 300)];
            random.NextBytes(bytes);
            Plausible(bytes, random.Next(0, 8));
            Conversation conversation = new(resolvesNames: random.Next(2) == 0);

            for (int at = 0; at < bytes.Length;)
            {
                int length = Math.Min(random.Next(1, 20), bytes.Length - at);
                conversation.Hear(bytes.AsSpan(at, length));
                at += length;
            }

            Assert.True(conversation.Replies.Length is 0 or 4 or 20 or 24, conversation.Replies);
            Assert.Equal(conversation.End.StartsWith("Failed", StringComparison.Ordinal), conversation.Failed);
        }
    }

    /// <summary>Purely random bytes seldom get past the first.</summary>
    private static void Plausible(Span<byte> bytes, int depth)
    {
        ReadOnlySpan<byte> good = [5, 1, 0, 5, 1, 0, 3];
        good[..Math.Min(Math.Min(depth, good.Length), bytes.Length)].CopyTo(bytes);
    }

    /// <summary>A client's bytes in, what the server said so far; knows the name <c>here</c> only.</summary>
    private sealed class Conversation(bool resolvesNames = true)
    {
        private readonly SocksNegotiation _negotiation = new(resolvesNames);

        public string Replies { get; private set; } = "";

        public bool Failed => _negotiation.Failure is not null;

        public string End => _negotiation.Status switch
        {
            SocksStatus.Connect => $"Connect {_negotiation.Destination}",
            SocksStatus.Failed => $"Failed {_negotiation.Failure!.Reason}",
            SocksStatus other => other.ToString(),
        };

        public void Hear(ReadOnlySpan<byte> bytes)
        {
            byte[] reply = new byte[SocksReply.MaxSize];
            SocksStatus status = _negotiation.Advance(ref bytes, reply, out int length);
            Replies += Convert.ToHexString(reply, 0, length);
            if (status == SocksStatus.NeedAddress)
            {
                _negotiation.Resolve(_negotiation.Host == "here" ? InetAddress.LoopbackV4 : null, reply, out length);
                Replies += Convert.ToHexString(reply, 0, length);
                Hear(bytes);
            }
        }
    }
}
