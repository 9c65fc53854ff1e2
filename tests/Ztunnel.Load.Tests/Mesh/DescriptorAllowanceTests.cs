using Ztunnel.Load.Mesh;

namespace Ztunnel.Load.Tests.Mesh;

public class DescriptorAllowanceTests
{
    [Theory]
    [InlineData(20_000, 10_000, "")]
    [InlineData(11_000, 10_000, "")]
    [InlineData(10_999, 10_000, "prlimit --nofile=11000 --")]
    public void Wrapper_UnderThisLimit_RaisesItOnlyWhereItHasTo(ulong limit, int connections, string wrapper) =>
        Assert.Equal(wrapper, string.Join(' ', DescriptorAllowance.Wrapper(limit, connections)));

    [Theory]
    [InlineData(20_000, 1, 19_000)]
    [InlineData(20_000, 2, 9_500)]
    [InlineData(900, 2, 1)]
    public void Holdable_UnderThisLimit_LeavesDescriptorsForTheRest(ulong limit, int each, int holdable) =>
        Assert.Equal(holdable, DescriptorAllowance.Holdable(limit, each));

    [Fact]
    public async Task HoldableAsync_OfFew_IsAllOfThem() =>
        Assert.Equal(5, await DescriptorAllowance.HoldableAsync(5, each: 2));
}
