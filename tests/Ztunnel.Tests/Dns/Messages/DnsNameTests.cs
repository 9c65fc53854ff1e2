using Ztunnel.Dns.Messages;

namespace Ztunnel.Tests.Dns.Messages;

public sealed class DnsNameTests
{
    [Fact]
    public void TryRead_CompressedName_IsWrittenOutAndLeftBehindItsPointer()
    {
        byte[] message = [.. new byte[12], .. Wire.Name("b.example"), 1, (byte)'a', 0xC0, 12, 0xFF];
        int offset = 23;

        Assert.True(TryRead(message, ref offset, out byte[] name));

        Assert.Equal(Wire.Name("a.b.example"), name);
        Assert.Equal(27, offset);
    }

    [Theory]
    [InlineData(new byte[] { 0xC0, 12 })] // to itself
    [InlineData(new byte[] { 0xC0, 14, 0xC0, 12 })] // forwards
    [InlineData(new byte[] { 0xC0, 2 })] // into the header
    [InlineData(new byte[] { 1, 97, 0xC0, 12 })] // to its own beginning
    [InlineData(new byte[] { 0x40, 0 })] // a kind of label that was never defined
    [InlineData(new byte[] { 0x80, 0 })]
    [InlineData(new byte[] { 0xC0 })]
    [InlineData(new byte[] { 5, 97 })]
    [InlineData(new byte[] { })]
    public void TryRead_LoopOrCut_IsRefused(byte[] name)
    {
        byte[] message = [.. new byte[12], .. name];
        int offset = 12;

        Assert.False(TryRead(message, ref offset, out _));
    }

    [Fact]
    public void TryRead_PointersThatLeadToEachOther_AreRefused()
    {
        byte[] message = [.. new byte[12], 0xC0, 14, 0xC0, 12];
        int offset = 14;

        Assert.False(TryRead(message, ref offset, out _));
    }

    [Fact]
    public void TryRead_ManyPointersBackwards_ComeToAnEnd()
    {
        List<byte> message = [.. new byte[12], 0];
        for (int at = 13; at < 4000; at += 2)
        {
            int target = at - (at == 13 ? 1 : 2);
            message.AddRange([(byte)(0xC0 | (target >> 8)), (byte)target]);
        }

        int offset = message.Count - 2;

        Assert.True(TryRead([.. message], ref offset, out byte[] name));
        Assert.Equal([0], name);
    }

    [Theory]
    [InlineData(61, true)] // 3 × 64 + 62 + 1 = 255
    [InlineData(62, false)]
    public void TryRead_LongestName_Is255Bytes(int lastLabel, bool isName)
    {
        string name = string.Join('.', [.. Enumerable.Repeat(new string('x', 63), 3), new string('y', lastLabel)]);
        byte[] message = [.. new byte[12], .. Wire.Name(name)];
        int offset = 12;
        int skipped = 12;

        Assert.Equal(isName, TryRead(message, ref offset, out _));
        Assert.Equal(isName, DnsName.TrySkip(message, ref skipped));
    }

    [Fact]
    public void TryRead_RandomBytes_StayWithinTheMessage()
    {
        Random random = new(7);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] message = new byte[random.Next(12, 300)];
            random.NextBytes(message);
            int offset = random.Next(message.Length + 1);
            int skipped = offset;
            if (TryRead(message, ref offset, out byte[] name))
            {
                Assert.True(offset <= message.Length && name.Length <= DnsName.MaxSize);
            }

            _ = DnsName.TrySkip(message, ref skipped);
            Assert.True(skipped <= message.Length + 1);
        }
    }

    [Theory]
    [InlineData("Echo.Default", "echo.default")]
    [InlineData("*.wild.example.org", "*.wild.example.org")]
    [InlineData("_http._tcp.a-b", "_http._tcp.a-b")]
    [InlineData("", "")]
    public void TryToHost_OrdinaryName_IsLowerCaseWithoutTheLastDot(string name, string expected)
    {
        Span<char> text = stackalloc char[255];

        Assert.True(DnsName.TryToHost(Wire.Name(name), text, out int length));

        Assert.Equal(expected, text[..length].ToString());
    }

    [Theory]
    [InlineData(new byte[] { 3, 97, (byte)'.', 98, 0 })] // one label that looks like two
    [InlineData(new byte[] { 2, 97, 0, 0 })]
    [InlineData(new byte[] { 2, 97, 0xE4, 0 })]
    [InlineData(new byte[] { 2, 97, (byte)' ', 0 })]
    public void TryToHost_WhatNoHostIsCalled_IsRefused(byte[] name) =>
        Assert.False(DnsName.TryToHost(name, new char[255], out _));

    [Fact]
    public void ToText_OddBytes_AreEscapedAsInZoneFiles()
    {
        Assert.Equal("a\\.b\\000.org.", DnsName.ToText([4, 97, (byte)'.', 98, 0, 3, (byte)'O', (byte)'r', (byte)'g', 0]));
        Assert.Equal(".", DnsName.ToText([0]));
    }

    private static bool TryRead(ReadOnlySpan<byte> message, ref int offset, out byte[] name)
    {
        byte[] buffer = new byte[DnsName.MaxSize];
        bool isName = DnsName.TryRead(message, ref offset, buffer, out int size);
        name = buffer[..size];
        return isName;
    }
}
