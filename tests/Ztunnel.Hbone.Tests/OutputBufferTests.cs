namespace Ztunnel.Hbone.Tests;

public sealed class OutputBufferTests
{
    [Fact]
    public void Append_GrowsAndAdvances_KeepsTheOrder()
    {
        OutputBuffer output = new();
        List<byte> expected = [];
        Random random = new(3);
        for (int i = 0; i < 500; i++)
        {
            byte[] bytes = new byte[random.Next(3_000)];
            random.NextBytes(bytes);
            output.Append(bytes);
            expected.AddRange(bytes);
            int sent = random.Next(output.Length + 1);
            output.Advance(sent);
            expected.RemoveRange(0, sent);
            Assert.Equal(expected.Count, output.Length);
        }

        Assert.Equal(expected, output.Pending.ToArray());
    }

    [Fact]
    public void Advance_BeyondTheEnd_IsRefused()
    {
        OutputBuffer output = new();
        output.Append([1, 2]);

        Assert.Throws<ArgumentOutOfRangeException>(() => output.Advance(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => output.Advance(-1));
        output.Advance(2);
        Assert.True(output.IsEmpty);
        Assert.True(output.Pending.IsEmpty);
        output.Clear();
    }
}
