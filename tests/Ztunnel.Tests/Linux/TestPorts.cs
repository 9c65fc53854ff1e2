using System.Net;
using System.Net.Sockets;

namespace Ztunnel.Tests.Linux;

/// <summary>
/// Ports that nobody listens on until the test does. Below those that the system gives to sockets without a port of
/// their own: other tests use them at the same time.
/// </summary>
internal static class TestPorts
{
    private static int s_last = 20_000 + (Environment.ProcessId % 5_000);

    /// <summary>Free for both protocols, on every address.</summary>
    public static ushort Next()
    {
        while (true)
        {
            int port = Interlocked.Increment(ref s_last);
            try
            {
                using Socket udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                using Socket tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                udp.Bind(new IPEndPoint(IPAddress.Any, port));
                tcp.Bind(new IPEndPoint(IPAddress.Any, port));
                return (ushort)port;
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // The next one, then.
            }
        }
    }
}
