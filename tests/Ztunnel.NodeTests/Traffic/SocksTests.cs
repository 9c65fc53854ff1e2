using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Traffic;

/// <summary>SOCKS5 on loopback in the pod, where it is switched on.</summary>
public sealed class SocksTests(NodeLab lab) : IClassFixture<NodeLab>
{
    private const int Port = 15080;

    private static readonly byte[] s_greeting = [5, 1, 0];

    [Fact]
    public async Task Connect_ByAddress_IsTunnelledAsIfCaptured()
    {
        Pod client = lab.AddPod();
        Pod server = lab.AddPod();
        using ZtunnelProcess proxy = await StartAsync(client, server);
        using AppServer echo = AppServer.Echo(server);

        foreach (IPAddress address in new[] { server.V4, server.V6 })
        {
            using Socket socket = await client.ConnectAsync(IPAddress.Loopback, Port);
            await Apps.SendAllAsync(socket, s_greeting);
            Assert.Equal([5, 0], await ReceiveAsync(socket, 2));
            await Apps.SendAllAsync(socket, Request(address, echo.Port));
            Assert.Equal([5, 0, 0, 1, 0, 0, 0, 0, 0, 0], await ReceiveAsync(socket, 10));
            await Apps.SendAllAsync(socket, "hello"u8.ToArray());
            Assert.Equal("hello"u8.ToArray(), await ReceiveAsync(socket, 5));
        }

        await proxy.Log.WaitForAsync(
            "connection complete",
            "direction=\"outbound\"",
            $"dst.hbone_addr={server.V4}:{echo.Port}",
            $"src.workload=\"{client.Name}\"");
    }

    [Theory]
    [InlineData(new byte[] { 4, 1, 0 })] // another version
    [InlineData(new byte[] { 5, 1, 2 })] // only methods we do not have
    [InlineData(new byte[] { 5, 1, 0, 5, 2, 0, 1, 10, 0, 0, 1, 0, 80 })] // BIND
    [InlineData(new byte[] { 5, 1, 0, 5, 1, 0, 9, 10, 0, 0, 1, 0, 80 })] // no such kind of address
    public async Task Request_AgainstTheProtocol_IsAnsweredAndClosed(byte[] bytes)
    {
        Pod client = lab.AddPod();
        using ZtunnelProcess proxy = await StartAsync(client);
        using Socket socket = await client.ConnectAsync(IPAddress.Loopback, Port);

        await Apps.SendAllAsync(socket, bytes);
        byte[] answer = await ReceiveAsync(socket, bytes.Length > 3 ? 12 : 10);

        Assert.Equal([5, 7, 0, 1, 0, 0, 0, 0, 0, 0], answer[^10..]);
        await Patience.ForAsync(Apps.ReadToEndAsync(socket), "the end"); // a reset where bytes were left unread
    }

    private Task<ZtunnelProcess> StartAsync(params Pod[] pods) => lab
        .Start(pods, options => options.With(("UNSTABLE_ENABLE_SOCKS5", "true"))).ReadyAsync();

    private static byte[] Request(IPAddress address, int port)
    {
        byte kind = address.AddressFamily == AddressFamily.InterNetwork ? (byte)1 : (byte)4;
        byte[] bytes = [5, 1, 0, kind, .. address.GetAddressBytes(), 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(^2), (ushort)port);
        return bytes;
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket, int length)
    {
        byte[] bytes = new byte[length];
        await Patience.ForAsync(Apps.ReceiveAllAsync(socket, bytes), $"{length} bytes");
        return bytes;
    }
}
