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
}
