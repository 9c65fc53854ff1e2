using System.ComponentModel;
using Ztunnel.Linux;

namespace Ztunnel.Proxy.Pods;

/// <summary>Connects from within a pod's namespace.</summary>
internal static class UpstreamSocket
{
    /// <param name="source">To be seen as; null lets the kernel choose.</param>
    /// <param name="keepAlive">See <see cref="PodSockets.Create"/>.</param>
    /// <returns>A connected socket that the worker watches, or none and the reason.</returns>
    public static async ValueTask<(TcpSocket? Socket, IoResult Result)> ConnectAsync(
        PodWorker pod, InetEndpoint target, InetAddress? source, bool keepAlive)
    {
        if (source == target.Address)
        {
            source = null; // a pod that calls itself: its own address needs no pretending
        }

        TcpSocket socket;
        try
        {
            socket = PodSockets.Create(pod.Pod, source?.IsV6 ?? target.Address.IsV6, keepAlive);
        }
        catch (Win32Exception e)
        {
            return (null, IoResult.Failed(e.NativeErrorCode));
        }

        IoResult result = IoResult.Failed(Errno.EIO); // until it is known
        try
        {
            if (source is { } address)
            {
                PodSockets.BindSource(socket, address, pod.Logger);
            }

            result = await socket.ConnectAsync(
                pod.Proxy.Worker, target, pod.Pod.Services.Config.Deadlines.Connect, pod.Pod.Aborted.Token);
            return (result.IsOk ? socket : null, result);
        }
        catch (Win32Exception e) // epoll has no room
        {
            result = IoResult.Failed(e.NativeErrorCode);
            return (null, result);
        }
        finally
        {
            if (!result.IsOk)
            {
                socket.Dispose();
            }
        }
    }

    /// <summary>Of a connect that came up when nobody wanted it any more; null if it did not.</summary>
    public static void Discard(PodWorker pod, TcpSocket? socket)
    {
        if (socket is not null)
        {
            pod.Proxy.Worker.Forget(socket);
            socket.Dispose();
        }
    }
}
