using System.Net;
using System.Net.Sockets;
using System.Text;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Traffic;

/// <summary>Calls to the proxy's own ports, from everywhere: none may loop, none may get through.</summary>
[Collection(TrafficCollection.Name)]
public sealed class IllegalCallTests(TrafficMesh mesh)
{
    private static readonly int[] s_ports = [15001, 15006, 15008, 15080, 15000, 15020, 15021];

    /// <summary>
    /// Outcomes in the order of the ports. C: no connection. R: closed without an answer. H: HTTP says 400.
    /// </summary>
    [Theory]
    [InlineData("client", "node", "RRRRRHH")]
    [InlineData("client", "self", "RRRCCCC")]
    [InlineData("client", "loopback", "RRRCCCC")]
    [InlineData("outside", "node", "CCRCCHH")]
    [InlineData("outside", "client", "RRRRRRR")]
    public async Task Call_ToAProxyPort_EndsAsSpecified(string caller, string target, string expected)
    {
        Pod from = mesh.Mesh.Pod(caller);
        IPAddress address = target switch
        {
            "node" => mesh.Mesh.ClientProxy.Node.V4,
            "loopback" => IPAddress.Loopback,
            "self" => from.V4,
            _ => mesh.Client.V4,
        };

        string outcomes = "";
        foreach (int port in s_ports)
        {
            outcomes += await OutcomeAsync(from, address, port);
        }

        Assert.Equal(expected, outcomes);
    }

    private static async Task<char> OutcomeAsync(Pod from, IPAddress address, int port)
    {
        Socket socket;
        try
        {
            socket = await Patience.ForAsync(from.ConnectAsync(address, port), $"a connection to port {port}");
        }
        catch (SocketException)
        {
            return 'C';
        }

        using (socket)
        {
            string answer = await Patience.ForAsync(AnswerAsync(socket), $"an answer on port {port}");
            return answer.StartsWith("HTTP/1.1 400", StringComparison.Ordinal) ? 'H' : answer.Length == 0 ? 'R' : '?';
        }
    }

    private static async Task<string> AnswerAsync(Socket socket)
    {
        byte[] answer = new byte[4096];
        int length = 0;
        try
        {
            await Apps.SendAllAsync(socket, "hello world\r\n\r\n"u8.ToArray());
            int read;
            while ((read = await socket.ReceiveAsync(answer.AsMemory(length))) > 0)
            {
                length += read;
            }
        }
        catch (SocketException)
        {
            // A reset is no answer either.
        }

        const byte tlsAlert = 21;
        return length > 0 && answer[0] == tlsAlert ? "" : Encoding.ASCII.GetString(answer, 0, length);
    }
}
