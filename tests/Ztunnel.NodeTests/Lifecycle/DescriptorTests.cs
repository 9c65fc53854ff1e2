using System.Net.Sockets;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Lifecycle;

/// <summary>A process that runs out of descriptors sheds and recovers; it neither spins nor hangs.</summary>
public sealed class DescriptorTests(NodeLab lab) : IClassFixture<NodeLab>
{
    private const int Descriptors = 150;
    private static readonly TimeSpan s_watched = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Descriptors_UsedUp_ShedNewConnectionsAndRecover()
    {
        Pod client = lab.AddPod();
        Pod server = lab.AddPod();
        using ZtunnelProcess proxy = await lab.Start([client, server], options => options with
        {
            Wrapper = ["prlimit", $"--nofile={Descriptors}:{Descriptors}"],
        }).ReadyAsync();
        using AppServer echo = AppServer.Echo(server);
        using EchoClient early = await EchoClient.ConnectAsync(client, server.V4, echo.Port);
        await early.ExchangeAsync();

        List<Socket> crowd = [];
        for (int index = 0; index < 2 * Descriptors; index++)
        {
            try
            {
                crowd.Add(await client.ConnectAsync(server.V4, echo.Port));
            }
            catch (SocketException shed) when (shed.SocketErrorCode == SocketError.ConnectionReset)
            {
                // Shed before the call even returned.
            }
        }

        await Patience.UntilAsync(
            () => ProcessUsage.Descriptors(proxy.Id) > Descriptors - 10, "the descriptors to be used up");
        await early.ExchangeAsync();
        TimeSpan before = proxy.CpuTime;
        await Task.Delay(s_watched); // nothing is awaited: that nothing happens is what is watched
        TimeSpan spent = proxy.CpuTime - before;
        await early.ExchangeAsync();
        crowd.ForEach(socket => socket.Dispose());

        Assert.True(spent < s_watched / 2, $"{spent.TotalMilliseconds} ms of CPU in a second of nothing to do");
        await Patience.UntilAsync(
            async () =>
            {
                try
                {
                    await EchoClient.OnceAsync(client, server.V4, echo.Port);
                    return true;
                }
                catch (Exception shed) when (shed is SocketException or EndOfStreamException)
                {
                    return false; // still one too many
                }
            },
            "calls to be served again");
        await early.ExchangeAsync();
    }
}
