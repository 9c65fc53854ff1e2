using System.ComponentModel;
using Microsoft.Extensions.Logging;
using Ztunnel.Config;
using Ztunnel.Linux;
using SocketOptions = Ztunnel.Linux.SocketOptions;

namespace Ztunnel.Dns;

/// <summary>A pod's listening sockets, all of them or none. Opened by a thread that is in the pod's namespace.</summary>
internal sealed class DnsSockets
{
    private const string LoopbackV6Switch = "/proc/sys/net/ipv6/conf/lo/disable_ipv6";
    private const int Backlog = 128;

    // A thousand queries: what comes in while the thread is kept from running for some ten milliseconds.
    private const int ReceiveBuffer = 1024 * 1024;

    private readonly List<UdpSocket> _udp = [];
    private readonly List<TcpSocket> _tcp = [];

    public IReadOnlyList<UdpSocket> Udp => _udp;

    public IReadOnlyList<TcpSocket> Tcp => _tcp;

    /// <param name="isInPod">
    /// Two instances of this proxy may share the ports for a while (<c>INPOD_PORT_REUSE</c>): one drains, its successor
    /// serves.
    /// </param>
    /// <exception cref="Win32Exception">Names address and reason.</exception>
    public static DnsSockets Open(ProxyConfig config, bool isInPod, ILogger logger)
    {
        DnsSockets sockets = new();
        try
        {
            bool isShared = isInPod && config.InPod.PortReuse;
            foreach (InetEndpoint address in AddressesOf(config, logger))
            {
                sockets._udp.Add(UdpSocket.Bound(address, socket =>
                {
                    SocketOptions.SetReceiveBuffer(socket, ReceiveBuffer);
                    Configure(socket, config, isShared);
                }));
                sockets._tcp.Add(TcpSocket.Listen(address, Backlog, socket =>
                {
                    _ = isShared || SocketOptions.TrySetReuseAddress(socket);
                    SocketOptions.SetNoDelay(socket);
                    Configure(socket, config, isShared);
                }));
            }

            return sockets;
        }
        catch
        {
            sockets.Close();
            throw;
        }
    }

    public IReadOnlyList<InetEndpoint> Addresses => [.. _udp.Select(static socket => socket.LocalEndpoint())];

    public void Close()
    {
        _udp.ForEach(static socket => socket.Dispose());
        _tcp.ForEach(static socket => socket.Dispose());
    }

    private static void Configure(InetSocket socket, ProxyConfig config, bool isShared)
    {
        _ = isShared && SocketOptions.TrySetReusePort(socket);
        if (config.Sockets.PacketMark is { } mark)
        {
            SocketOptions.SetMark(socket, mark);
        }
    }

    private static IReadOnlyList<InetEndpoint> AddressesOf(ProxyConfig config, ILogger logger)
    {
        DnsOptions dns = config.Dns;
        if (!dns.OnLocalhost)
        {
            return [dns.Address];
        }

        InetEndpoint v4 = new(InetAddress.LoopbackV4, dns.Address.Port);
        return config.Listen.IPv6 && HasLoopbackV6(logger)
            ? [v4, v4 with { Address = InetAddress.LoopbackV6 }]
            : [v4];
    }

    // Of the namespace the calling thread is in. A kernel without IPv6 has no such file.
    private static bool HasLoopbackV6(ILogger logger)
    {
        try
        {
            return !File.ReadAllText(LoopbackV6Switch).StartsWith('1');
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            logger.LoopbackUnknown(LoopbackV6Switch, failure.Message);
            return true;
        }
    }
}
