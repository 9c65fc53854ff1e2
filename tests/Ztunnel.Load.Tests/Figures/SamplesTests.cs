using Ztunnel.Load.Figures;

namespace Ztunnel.Load.Tests.Figures;

public sealed class SamplesTests
{
    public static TheoryData<double?, double[]> Medians => new()
    {
        { null, [] },
        { 3, [3] },
        { 2, [9, 1, 2] },
        { 2.5, [4, 1, 3, 2] },
    };

    [Theory]
    [MemberData(nameof(Medians))]
    public void Median_OfUnsorted_IsTheMiddle(double? expected, double[] samples) =>
        Assert.Equal(expected, samples.Median());
}
