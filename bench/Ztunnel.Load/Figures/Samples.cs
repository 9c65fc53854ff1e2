namespace Ztunnel.Load.Figures;

/// <summary>What many measurements come to.</summary>
internal static class Samples
{
    /// <returns>Null if there is none; of an even number, the mean of the two in the middle.</returns>
    public static double? Median(this IEnumerable<double> samples)
    {
        double[] sorted = [.. samples.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length == 0 ? null
            : sorted.Length % 2 == 1 ? sorted[middle]
            : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
