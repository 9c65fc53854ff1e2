using System.ComponentModel;
using Microsoft.Extensions.Logging;
using Ztunnel.Linux;
using SocketSettings = Ztunnel.Config.SocketOptions;

namespace Ztunnel.Proxy.Pods;

/// <summary>Sockets as a pod's must be: in its namespace, marked, without delay.</summary>
internal static class PodSockets
{
    /// <summary>Connections queued before they are accepted, as the reference's.</summary>
    private const int Backlog = 1024;

    /// <summary>
    /// A listener whose options are inherited by what it accepts: that saves each connection half a dozen system calls.
    /// </summary>
    /// <param name="towardsApplication">With TCP keepalive; HBONE has its own.</param>
    /// <exception cref="Win32Exception">Names address and reason.</exception>
    public static TcpSocket Listen(PodContext pod, InetEndpoint address, bool towardsApplication, out bool isTransparent)
    {
        SocketSettings settings = pod.Services.Config.Sockets;
        bool transparent = false;
        TcpSocket listener = TcpSocket.Listen(address, Backlog, socket =>
        {
            if (address.Address.IsV6)
            {
                SocketOptions.SetDualStack(socket);
            }

            if (pod.Kind == PodKind.InPod && pod.Services.Config.InPod.PortReuse)
            {
                _ = SocketOptions.TrySetReusePort(socket);
            }
            else
            {
                _ = SocketOptions.TrySetReuseAddress(socket);
            }

            transparent = TrySetTransparent(pod, socket);
            SetCommon(pod, settings, socket, towardsApplication);
        });
        isTransparent = transparent;
        return listener;
    }

    /// <summary>A socket to connect with. The calling thread visits the pod's namespace for one system call.</summary>
    /// <param name="keepAlive">False where a relay sets it later, if its connection gets that old.</param>
    /// <exception cref="Win32Exception">Out of descriptors, or the namespace cannot be entered.</exception>
    public static TcpSocket Create(PodContext pod, bool v6, bool keepAlive)
    {
        TcpSocket socket = pod.Network is { } network ? TcpSocket.CreateIn(network, v6) : TcpSocket.Create(v6);
        try
        {
            SetCommon(pod, pod.Services.Config.Sockets, socket, keepAlive);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>To be seen by the application as the client itself. A refusal costs that and nothing else.</summary>
    public static void BindSource(TcpSocket socket, InetAddress source, ILogger logger)
    {
        if (!SocketOptions.TrySetForeignSource(socket))
        {
            logger.FreeBindRefused(source);
        }

        IoResult bound = socket.TryBind(new InetEndpoint(source, 0));
        if (!bound.IsOk)
        {
            logger.BindRefused(source, bound.Text);
        }
    }

    /// <summary>As configured: what finds out about a peer that is gone without a word.</summary>
    public static void SetKeepAlive(SocketSettings settings, TcpSocket socket)
    {
        if (settings.KeepAlive)
        {
            SocketOptions.SetKeepAlive(
                socket, settings.KeepAliveTime, settings.KeepAliveInterval, (int)settings.KeepAliveRetries);
        }

        if (settings.UsesUserTimeout)
        {
            SocketOptions.SetUserTimeout(socket, settings.UserTimeout);
        }
    }

    private static bool TrySetTransparent(PodContext pod, TcpSocket socket)
    {
        bool? required = pod.Services.Config.Sockets.RequiresOriginalSource;
        if (pod.Kind == PodKind.Self || required == false)
        {
            return false;
        }

        bool isSet = SocketOptions.TrySetTransparent(socket);
        return isSet || required != true
            ? isSet
            : throw new IOException("ENABLE_ORIG_SRC=true and IP_TRANSPARENT is refused: CAP_NET_ADMIN is missing");
    }

    private static void SetCommon(PodContext pod, SocketSettings settings, TcpSocket socket, bool keepAlive)
    {
        SocketOptions.SetNoDelay(socket);
        if (pod.Mark is { } mark)
        {
            SocketOptions.SetMark(socket, mark);
        }

        if (keepAlive)
        {
            SetKeepAlive(settings, socket);
        }
    }
}
