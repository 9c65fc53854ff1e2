using Google.Protobuf;
using Ztunnel.Linux;
using Ztunnel.Protos.Zds;
using Version = Ztunnel.Protos.Zds.Version;

namespace Ztunnel.InPod;

/// <summary>One connection to the node agent: a hello, then requests, each answered before the next is read.</summary>
internal sealed class ZdsConnection : IDisposable
{
    private readonly SeqPacketSocket _socket;
    private readonly CancellationTokenRegistration _ending;
    private readonly byte[] _buffer = new byte[ZdsRequest.MaxSize];

    private ZdsConnection(SeqPacketSocket socket, CancellationToken ending)
    {
        _socket = socket;
        _ending = ending.Register(static socket => ((SeqPacketSocket)socket!).Shutdown(), socket);
    }

    /// <param name="ending">Ends a wait for the next request.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">Nobody listens.</exception>
    public static ZdsConnection Open(string path, CancellationToken ending) =>
        new(SeqPacketSocket.Connect(path), ending);

    public void SayHello() => _socket.Send(new ZdsHello { Version = Version.V1 }.ToByteArray());

    /// <returns>False when the time is up first.</returns>
    public bool WaitForRequest(TimeSpan timeout) => _socket.WaitReadable(timeout);

    /// <returns>Null at the end of the stream.</returns>
    /// <exception cref="ZdsReadException">The packet is not a request.</exception>
    public ZdsRequest? Receive()
    {
        SeqPacket packet = _socket.Receive(_buffer);

        // An empty packet reads like the end, and no message is empty: but its descriptors would be real.
        return packet.Length == 0 && packet.Descriptors.Length == 0 && !packet.ControlTruncated
            ? null
            : ZdsRequest.Read(_buffer, packet);
    }

    /// <param name="error">Empty: done.</param>
    public void Answer(string error)
    {
        WorkloadResponse response = new() { Ack = new Ack { Error = error } };
        byte[] packet = response.ToByteArray();
        if (packet.Length > ZdsRequest.MaxSize) // the agent reads no more; a cut reason is better than none
        {
            response.Ack.Error = error[..Math.Min(error.Length, ZdsRequest.MaxSize / 4)];
            packet = response.ToByteArray();
        }

        _socket.Send(packet);
    }

    public void Dispose()
    {
        _ending.Dispose(); // waits for a shutdown in progress: the descriptor must not be another's by then
        _socket.Dispose();
    }
}
