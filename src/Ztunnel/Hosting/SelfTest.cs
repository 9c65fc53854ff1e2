using System.ComponentModel;
using Ztunnel.Linux;

namespace Ztunnel.Hosting;

/// <summary>
/// Shared mode cannot work without the rights to enter namespaces and to mark sockets. Found out before the first pod
/// comes, so that a missing capability is one line at start and not a node full of pods that do not start.
/// </summary>
internal static class SelfTest
{
    /// <exception cref="StartupFailure">Names what is not allowed and the capability that allows it.</exception>
    public static void Run(uint? mark)
    {
        Try(NetworkNamespace.TestEntering, "CAP_SYS_ADMIN");
        if (mark is { } value)
        {
            Try(() => TestMark(value), "CAP_NET_ADMIN");
        }
    }

    /// <param name="capability">What the operator most likely forgot.</param>
    internal static void Try(Action test, string capability)
    {
        try
        {
            test();
        }
        catch (Win32Exception failure)
        {
            throw new StartupFailure(
                $"failed to start workload proxy manager: {failure.Message}; does the container have {capability}?",
                failure);
        }
    }

    private static void TestMark(uint mark)
    {
        using TcpSocket socket = TcpSocket.Create(v6: false);
        SocketOptions.SetMark(socket, mark);
    }
}
