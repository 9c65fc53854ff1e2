using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Ztunnel.OpenSsl;

namespace Ztunnel.Tests.OpenSsl;

/// <summary>One of our sessions on a loopback connection, opposite an <see cref="SslStream"/>.</summary>
internal sealed class TlsStreamDriver(TlsEnd end, Stream ours, SslStream theirs) : IDisposable
{
    private readonly byte[] _buffer = new byte[16 * 1024];

    public TlsEnd End { get; } = end;

    public SslStream Theirs { get; } = theirs;

    public static async Task<TlsStreamDriver> ConnectAsync(TlsSession session)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        TcpClient client = new() { NoDelay = true };
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        TcpClient server = await listener.AcceptTcpClientAsync();
        server.NoDelay = true;
        return new TlsStreamDriver(
            new TlsEnd(session), client.GetStream(), new SslStream(server.GetStream(), leaveInnerStreamOpen: false));
    }

    public async Task<TlsStatus> HandshakeAsync()
    {
        TlsStatus status = End.Handshake();
        await FlushAsync();
        while (status == TlsStatus.WantInput)
        {
            int count = await ours.ReadAsync(_buffer);
            if (count == 0)
            {
                return status; // they hung up
            }

            status = End.Handshake(_buffer[..count]);
            await FlushAsync();
        }

        return status;
    }

    /// <summary>Until so much has come, or the session has ended.</summary>
    public async Task<(TlsStatus Status, byte[] Data)> ReadAsync(int wanted)
    {
        MemoryStream all = new();
        (TlsStatus status, byte[] data) = End.Read([]);
        all.Write(data);
        while (status == TlsStatus.WantInput && all.Length < wanted)
        {
            int count = await ours.ReadAsync(_buffer);
            if (count == 0)
            {
                break;
            }

            (status, data) = End.Read(_buffer[..count]);
            all.Write(data);
        }

        return (status, all.ToArray());
    }

    public async Task WriteAsync(byte[] data)
    {
        Assert.Equal(TlsStatus.Ok, End.Write(data));
        await FlushAsync();
    }

    public async Task ShutdownAsync()
    {
        End.Session.Shutdown(End.Output);
        await FlushAsync();
    }

    public void Dispose()
    {
        End.Dispose();
        ours.Dispose();
        Theirs.Dispose();
    }

    private async Task FlushAsync() => await ours.WriteAsync(End.TakeOutput());
}
