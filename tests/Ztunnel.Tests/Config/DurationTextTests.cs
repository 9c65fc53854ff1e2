using Ztunnel.Config;

namespace Ztunnel.Tests.Config;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("90", 90_000)]
    [InlineData("5m", 300_000)]
    [InlineData("3m31s", 211_000)]
    [InlineData("1h + 30m", 5_400_000)]
    [InlineData("1m*10", 600_000)]
    [InlineData("2*3s+1", 7_000)]
    [InlineData("1s*1m", 60_000)]
    [InlineData(" 250ms ", 250)]
    [InlineData("1H30MIN", 5_400_000)]
    [InlineData("1 day", 0)]
    [InlineData("1day2hours", 93_600_000)]
    [InlineData("1w", 604_800_000)]
    [InlineData("1000µs", 1)]
    [InlineData("1000μs", 1)]
    [InlineData("1000us", 1)]
    [InlineData("1000000ns", 1)]
    [InlineData("1y", 31_536_000_000)]
    [InlineData("1mon", 2_592_000_000)]
    public void TryParse_Wellformed_GivesMilliseconds(string text, long milliseconds)
    {
        bool parsed = DurationText.TryParse(text, out TimeSpan duration);

        Assert.Equal(text != "1 day", parsed); // a unit stands right behind its number
        Assert.Equal(milliseconds, parsed ? duration.TotalMilliseconds : 0);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("m")]
    [InlineData("-5s")]
    [InlineData("1.5s")]
    [InlineData("5x")]
    [InlineData("5m+")]
    [InlineData("5m*")]
    [InlineData("+5m")]
    [InlineData("5m,3s")]
    [InlineData("99999999999999999999s")]
    [InlineData("18446744073709551615y")]
    public void TryParse_Malformed_IsRefused(string text) => Assert.False(DurationText.TryParse(text, out _));

    [Fact]
    public void TryParse_RandomText_NeverThrows()
    {
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++)
        {
            var text = new char[random.Next(12)];
            for (int at = 0; at < text.Length; at++)
            {
                text[at] = "0159smhdwy+* nµ.-"[random.Next(17)];
            }

            if (DurationText.TryParse(text, out TimeSpan duration))
            {
                Assert.True(duration >= TimeSpan.Zero);
            }
        }
    }
}
