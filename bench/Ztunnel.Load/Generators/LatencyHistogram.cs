using System.Numerics;

namespace Ztunnel.Load.Generators;

/// <summary>
/// Durations counted in buckets whose width grows with the value: 1/64 of it at most, so that a percentile is right to
/// 1.6 %. Adding is an index and an increment.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int LinearBits = 6; // values below 64 are kept exactly
    private const int Linear = 1 << LinearBits;

    private readonly long[] _counts = new long[Linear * (64 - LinearBits)];

    public long Count { get; private set; }

    public void Add(long nanoseconds)
    {
        _counts[BucketOf((ulong)Math.Max(nanoseconds, 0))]++;
        Count++;
    }

    public void Add(LatencyHistogram other)
    {
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Count += other.Count;
    }

    /// <summary>The value that this share of all does not exceed; 0 if there is none.</summary>
    /// <param name="share">0 to 1.</param>
    public double PercentileMicroseconds(double share)
    {
        long wanted = Math.Max(1, (long)Math.Ceiling(Count * share));
        long seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted)
            {
                return MiddleOf(i) / 1000.0;
            }
        }

        return 0;
    }

    private static int BucketOf(ulong value)
    {
        if (value < Linear)
        {
            return (int)value;
        }

        int shift = BitOperations.Log2(value) - LinearBits;
        return (Linear * (shift + 1)) + (int)((value >> shift) - Linear);
    }

    private static double MiddleOf(int bucket)
    {
        if (bucket < Linear)
        {
            return bucket;
        }

        int shift = (bucket / Linear) - 1;
        double width = Math.ScaleB(1, shift);
        return (((bucket % Linear) + Linear) * width) + ((width - 1) / 2);
    }
}
