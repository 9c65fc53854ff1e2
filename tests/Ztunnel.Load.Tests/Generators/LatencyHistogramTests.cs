using Ztunnel.Load.Generators;

namespace Ztunnel.Load.Tests.Generators;

public class LatencyHistogramTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(24_999)]
    [InlineData(1_000_000_007)]
    [InlineData(long.MaxValue)]
    public void PercentileMicroseconds_OfOneValue_IsItWithinItsBucket(long nanoseconds)
    {
        LatencyHistogram histogram = new();

        histogram.Add(nanoseconds);

        double error = Math.Abs((histogram.PercentileMicroseconds(0.5) * 1000) - nanoseconds);
        Assert.InRange(error, 0, nanoseconds / 64.0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void PercentileMicroseconds_OfManyValues_IsThatOfTheSortedList(int seed)
    {
        Random random = new(seed);
        LatencyHistogram histogram = new();
        long[] values = [.. Enumerable.Range(0, 10_000).Select(_ => (long)Math.Exp(random.NextDouble() * 20))];
        foreach (long value in values)
        {
            histogram.Add(value);
        }

        Array.Sort(values);

        foreach (double share in (double[])[0.5, 0.9, 0.99, 1])
        {
            double exact = values[(int)Math.Ceiling(values.Length * share) - 1];
            double error = Math.Abs((histogram.PercentileMicroseconds(share) * 1000) - exact);
            Assert.InRange(error, 0, exact / 64);
        }
    }

    [Fact]
    public void PercentileMicroseconds_OfNone_IsZero() =>
        Assert.Equal(0, new LatencyHistogram().PercentileMicroseconds(0.99));

    [Fact]
    public void Add_OfAnother_CountsBoth()
    {
        (LatencyHistogram one, LatencyHistogram other) = (new(), new());
        one.Add(10);
        other.Add(30);
        other.Add(50);

        one.Add(other);

        Assert.Equal((3, 0.03), (one.Count, one.PercentileMicroseconds(0.5)));
    }
}
