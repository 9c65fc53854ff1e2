using Ztunnel.Dns.Forwarding;
using Ztunnel.Tests.Dns.Messages;

namespace Ztunnel.Tests.Dns.Forwarding;

public sealed class AnswerCheckTests
{
    private static readonly byte[] s_query = Wire.Query("a.Example", id: 7);

    private static byte[] Question => s_query[12..];

    [Fact]
    public void IsAnswer_SameIdAndQuestion_WhateverTheCase()
    {
        Assert.True(AnswerCheck.IsAnswer([.. Wire.Header(7, 0x8180), .. Question], s_query));
        Assert.True(AnswerCheck.IsAnswer([.. Wire.Header(7, 0x8180), .. Wire.Query("A.EXAMPLE")[12..]], s_query));
    }

    [Theory]
    [InlineData(8, 0x8180)] // another id
    [InlineData(7, 0x0180)] // no answer
    [InlineData(7, 0xA180)] // another opcode
    public void IsAnswer_OtherHeader_IsNot(ushort id, int flags) =>
        Assert.False(AnswerCheck.IsAnswer([.. Wire.Header(id, flags), .. Question], s_query));

    [Theory]
    [InlineData("b.example", 1)]
    [InlineData("a.example.org", 1)]
    [InlineData("a.example", 28)]
    public void IsAnswer_OtherQuestion_IsNot(string name, ushort type) =>
        Assert.False(AnswerCheck.IsAnswer([.. Wire.Header(7, 0x8180), .. Wire.Query(name, type)[12..]], s_query));

    [Theory]
    [InlineData(0, false)]
    [InlineData(3, false)]
    [InlineData(1, true)]
    [InlineData(5, true)]
    public void IsAnswer_WithoutQuestion_OnlyIfItRefuses(int code, bool expected) =>
        Assert.Equal(expected, AnswerCheck.IsAnswer(Wire.Header(7, 0x8180 | code, questions: 0), s_query));

    [Fact]
    public void IsAnswer_EveryCutAndRandomBytes_NeverThrow()
    {
        byte[] answer = [.. Wire.Header(7, 0x8180, answers: 1), .. Question, .. Wire.Record("a", 1, [1, 2, 3, 4])];
        for (int length = 0; length <= answer.Length; length++)
        {
            Assert.Equal(length >= s_query.Length, AnswerCheck.IsAnswer(answer.AsSpan(0, length), s_query));
        }

        Random random = new(2);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] noise = new byte[random.Next(0, 100)];
            random.NextBytes(noise);
            if (noise.Length > 12)
            {
                Wire.Header(7, 0x8180).CopyTo(noise, 0);
            }

            AnswerCheck.IsAnswer(noise, s_query);
        }
    }
}
