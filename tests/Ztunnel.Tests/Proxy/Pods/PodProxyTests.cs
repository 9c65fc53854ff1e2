using System.Net.Sockets;
using Ztunnel.Proxy.Pods;
using Ztunnel.Tests.Linux;
using Ztunnel.Tests.Proxy.Outbound;
using Ztunnel.Tests.Proxy.Tunnels;

namespace Ztunnel.Tests.Proxy.Pods;

public sealed class PodProxyTests
{
    [Fact]
    public async Task StopAsync_PeerIsRevokedWhileItDrains_EndsTheConnection()
    {
        await using OutboundLab lab = new(isHbone: true);
        TaskCompletionSource<Socket> called = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await lab.ServeAsync(
            OutboundLab.First,
            "first",
            (tunnel, stream) => called.SetResult(lab.Connect(tunnel, stream, baggage: null)));
        PodProxy proxy = lab.NewProxy();
        await proxy.StartAsync();
        Socket caller = await lab.CallAsync();
        await LabStream.SendAllAsync(await called.Task.WaitAsync(TestWorker.Patience), [1]);
        Assert.Equal([1], await LabStream.ReadAsync(caller, 1));

        Task stopped = proxy.StopAsync(graceful: true);
        await lab.SetRevokedAsync("first");

        await Assert.ThrowsAsync<SocketException>(() => LabStream.ReadToEndAsync(caller));
        await stopped.WaitAsync(TestWorker.Patience);
    }
}
