using Ztunnel.Linux;

namespace Ztunnel.Tests.Linux;

public class NetworkNamespaceTests
{
    [Fact]
    public void Current_OutsideAnyScope_IsHome()
    {
        using NetworkNamespace current = NetworkNamespace.Current();

        Assert.True(current.IsSameAs(NetworkNamespace.Home));
        Assert.Equal(NetworkNamespace.Home.Id, current.Id);
    }

    [Theory]
    [InlineData("/dev/null")]
    [InlineData("/proc/self/ns/mnt")]
    [InlineData("/proc/self/ns/pid")]
    public void Open_SomethingElse_IsRefused(string path) =>
        Assert.Throws<IOException>(() => NetworkNamespace.Open(path));

    [Fact]
    public void Open_NoSuchFile_IsRefused() =>
        Assert.ThrowsAny<IOException>(() => NetworkNamespace.Open("/proc/self/ns/none"));

    [Fact]
    public void OfProcess_Ourselves_IsHome()
    {
        using NetworkNamespace own = NetworkNamespace.OfProcess(Environment.ProcessId);

        Assert.True(own.IsSameAs(NetworkNamespace.Home));
    }

    [Fact]
    public void CreateIn_Home_NeedsNoPrivilege()
    {
        using TcpSocket socket = TcpSocket.CreateIn(NetworkNamespace.Home, v6: false);

        Assert.False(socket.IsInvalid);
    }

    [Fact]
    public async Task RunAsync_OnTheNamespaceThread_GivesResultsAndExceptions()
    {
        using NamespaceThread thread = new("namespaces");
        thread.Start();

        Assert.Equal("namespaces", await thread.RunAsync(NetworkNamespace.Home, () => Thread.CurrentThread.Name));
        Assert.Throws<InvalidDataException>(() =>
            thread.Run<int>(NetworkNamespace.Home, () => throw new InvalidDataException()));
        Assert.Equal(4, thread.Run(NetworkNamespace.Home, () => 4));
    }
}
