using System.ComponentModel;
using Ztunnel.Hosting;

namespace Ztunnel.Tests.Hosting;

public sealed class SelfTestTests
{
    [Fact]
    public void Try_NotPermitted_NamesWhatFailedAndTheCapability()
    {
        StartupFailure failure = Assert.Throws<StartupFailure>(() => SelfTest.Try(
            () => throw new Win32Exception(1, "failed to set SO_MARK to 1337: Operation not permitted (os error 1)"),
            "CAP_NET_ADMIN"));

        Assert.Equal(
            "failed to start workload proxy manager: failed to set SO_MARK to 1337: Operation not permitted "
            + "(os error 1); does the container have CAP_NET_ADMIN?",
            failure.Message);
    }

    [Fact]
    public void OneLine_MessageWithBreaksAndCause_IsOneLine() => Assert.Equal(
        "a b: c",
        StartupFailure.OneLine(new StartupFailure("a\nb", new IOException("c\n"))));
}
