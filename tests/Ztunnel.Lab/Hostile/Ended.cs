using System.Net.Sockets;
using System.Security.Authentication;

namespace Ztunnel.Lab;

/// <summary>Which exceptions say no more than that a connection has ended: an attacker's daily bread.</summary>
internal static class Ended
{
    public static bool By(Exception failure) =>
        failure is IOException or SocketException or ObjectDisposedException or AuthenticationException;

    public static bool ByTimeout(Exception failure) =>
        (failure as SocketException ?? failure.InnerException as SocketException)?.SocketErrorCode
            is SocketError.TimedOut or SocketError.WouldBlock;
}
