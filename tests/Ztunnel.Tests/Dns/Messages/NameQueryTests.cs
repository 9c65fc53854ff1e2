using Ztunnel.Dns.Messages;
using Ztunnel.Linux;

namespace Ztunnel.Tests.Dns.Messages;

public sealed class NameQueryTests
{
    [Theory]
    [InlineData("echo.default", false, Wire.A)]
    [InlineData("Echo.Default.", true, Wire.Aaaa)]
    public void Create_Name_IsAQuestion(string name, bool v6, ushort type) =>
        Assert.Equal(Wire.Query(name, type, id: 0), NameQuery.Create(name, v6));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a..b")]
    [InlineData(".a")]
    public void Create_WhatIsNoName_IsNothing(string name) => Assert.Null(NameQuery.Create(name, v6: false));

    [Theory]
    [InlineData(63, 61, true)]
    [InlineData(64, 10, false)]
    [InlineData(63, 62, false)]
    public void Create_LongName_IsBounded(int label, int last, bool isName)
    {
        string name = string.Join('.', [.. Enumerable.Repeat(new string('x', label), 3), new string('y', last)]);

        Assert.Equal(isName, NameQuery.Create(name, v6: false) is not null);
    }

    [Fact]
    public void FirstAddress_BehindAnAlias_IsTheFirstOfTheFamily()
    {
        byte[] answer =
        [
            .. Wire.Header(0, 0x8180, answers: 4), .. Wire.Query("a")[12..],
            .. Wire.Record("a", 5, Wire.Name("b")), .. Wire.Record("b", Wire.Aaaa, new byte[16]),
            .. Wire.Record("b", Wire.A, [10, 0, 0, 1]), .. Wire.Record("b", Wire.A, [10, 0, 0, 2]),
        ];

        Assert.Equal(InetAddress.Parse("10.0.0.1"), NameQuery.FirstAddress(answer, v6: false));
        Assert.Equal(InetAddress.AnyV6, NameQuery.FirstAddress(answer, v6: true));
        for (int length = DnsHeader.Size; length < answer.Length; length++)
        {
            InetAddress? cut = NameQuery.FirstAddress(answer.AsSpan(0, length), v6: false);
            Assert.True(cut is null || cut == InetAddress.Parse("10.0.0.1"));
        }
    }

    [Theory]
    [InlineData(0x8183)]
    [InlineData(0x8182)]
    public void FirstAddress_OfARefusal_IsNone(int flags)
    {
        byte[] record = Wire.Record("a", Wire.A, [1, 2, 3, 4]);
        byte[] answer = [.. Wire.Header(0, flags, answers: 1), .. Wire.Query("a")[12..], .. record];

        Assert.Null(NameQuery.FirstAddress(answer, v6: false));
    }
}
