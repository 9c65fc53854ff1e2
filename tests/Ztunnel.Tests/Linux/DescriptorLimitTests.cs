using Ztunnel.Linux;

namespace Ztunnel.Tests.Linux;

public class DescriptorLimitTests
{
    [Fact]
    public void Raise_Always_LeavesTheSoftLimitAtTheHardOne()
    {
        DescriptorLimit before = DescriptorLimit.Raise();
        DescriptorLimit after = DescriptorLimit.Read();

        Assert.True(before.Soft <= before.Hard);
        Assert.Equal(new DescriptorLimit(before.Hard, before.Hard), after);
    }

    [Fact]
    public void Describe_Errno_HasTheFormOfTheAccessLog() =>
        Assert.Equal("No route to host (os error 113)", Errno.Describe(Errno.EHOSTUNREACH));
}
