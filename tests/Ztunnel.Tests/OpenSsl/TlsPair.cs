using Ztunnel.OpenSsl;

namespace Ztunnel.Tests.OpenSsl;

/// <summary>A client and a server in memory; ciphertext moves between them as the test says.</summary>
internal sealed class TlsPair(TlsSession client, TlsSession server) : IDisposable
{
    public TlsEnd Client { get; } = new(client);

    public TlsEnd Server { get; } = new(server);

    /// <summary>Flights back and forth until neither has anything to say.</summary>
    /// <param name="cut">Of a flight's bytes, the pieces to feed; by default all at once.</param>
    public (TlsStatus Client, TlsStatus Server) Handshake(Func<byte[], IEnumerable<byte[]>>? cut = null)
    {
        cut ??= flight => [flight];
        (TlsStatus client, TlsStatus server) = (Client.Handshake(), TlsStatus.WantInput);
        while (Client.Output.Length + Server.Output.Length > 0)
        {
            server = Feed(Server, cut(Client.TakeOutput()), server);
            client = Feed(Client, cut(Server.TakeOutput()), client);
        }

        return (client, server);
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }

    private static TlsStatus Feed(TlsEnd end, IEnumerable<byte[]> pieces, TlsStatus status)
    {
        foreach (byte[] piece in pieces)
        {
            // What a server says after the client is done is data, or the alert that its certificate was refused.
            if (status == TlsStatus.Ok)
            {
                end.Early.AddRange(piece);
            }
            else if (piece.Length > 0)
            {
                status = end.Handshake(piece);
            }
        }

        return status;
    }
}
