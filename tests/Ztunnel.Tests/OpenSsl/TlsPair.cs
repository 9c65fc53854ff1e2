using Ztunnel.OpenSsl;

namespace Ztunnel.Tests.OpenSsl;

/// <summary>A client and a server in memory; ciphertext moves between them as the test says.</summary>
internal sealed class TlsPair(TlsSession client, TlsSession server) : IDisposable
{
    public TlsEnd Client { get; } = new(client);

    public TlsEnd Server { get; } = new(server);

    /// <summary>Flights back and forth until neither has anything to say.</summary>
    /// <param name="piece">So many bytes are fed at a time.</param>
    public (TlsStatus Client, TlsStatus Server) Handshake(int piece = int.MaxValue)
    {
        TlsStatus client = Client.Handshake();
        TlsStatus server = TlsStatus.WantInput;
        for (bool isMoving = true; isMoving;)
        {
            byte[] toServer = Client.TakeOutput();
            foreach (byte[] part in toServer.Chunk(Math.Min(piece, Math.Max(toServer.Length, 1))))
            {
                server = Server.Handshake(part);
            }

            byte[] toClient = Server.TakeOutput();
            foreach (byte[] part in toClient.Chunk(Math.Min(piece, Math.Max(toClient.Length, 1))))
            {
                client = Client.Handshake(part);
            }

            isMoving = toServer.Length + toClient.Length > 0;
        }

        return (client, server);
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }
}
