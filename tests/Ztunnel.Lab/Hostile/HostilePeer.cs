using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Ztunnel.Lab;

/// <summary>
/// A peer with a certificate of the mesh that says whatever it likes in HTTP/2. Writes on the caller's thread; what
/// comes back is counted by a thread of its own, or left unread.
/// </summary>
public sealed class HostilePeer : IDisposable
{
    private readonly RawConnection _connection;
    private readonly SslStream _tls;
    private MeekThread? _reader;
    private byte[]? _buffer;

    private HostilePeer(RawConnection connection, SslStream tls, FrameLog seen) =>
        (_connection, _tls, Seen) = (connection, tls, seen);

    public FrameLog Seen { get; }

    /// <summary>TCP and TLS.</summary>
    /// <param name="certificate">Null: none is presented.</param>
    public static HostilePeer Open(
        LabHost from, IPEndPoint to, SslStreamCertificateContext? certificate, int receiveBuffer = 0)
    {
        RawConnection connection = RawConnection.Open(from, to, receiveBuffer);
        try
        {
            return Over(
                connection, new FrameLog(), tls => tls.AuthenticateAsClient(HostileTls.Client(certificate)));
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static SslStreamCertificateContext Present(X509Certificate2 certificate) =>
        SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);

    /// <summary>Counts what the proxy says, beside whatever this thread does.</summary>
    public HostilePeer Listen()
    {
        _reader = new MeekThread("hostile-reader", Read);
        return this;
    }

    /// <summary>Reads on this thread until enough was seen; instead of <see cref="Listen"/>.</summary>
    /// <exception cref="IOException">The proxy has ended the connection before.</exception>
    public void ReadUntil(Func<FrameLog, bool> enough)
    {
        byte[] buffer = _buffer ??= new byte[16 * 1024];
        while (!enough(Seen))
        {
            if (ReadSome(buffer) == 0)
            {
                throw new IOException("the proxy closed the connection");
            }
        }
    }

    /// <exception cref="IOException">The proxy has ended the connection.</exception>
    public void Send(ReadOnlySpan<byte> bytes) => _tls.Write(bytes);

    public void Send(FrameBatch batch) => _tls.Write(batch.Bytes);

    /// <summary>Bytes below TLS, in the middle of the encrypted ones.</summary>
    public void SendBeneath(ReadOnlySpan<byte> bytes) => _connection.Send(bytes);

    /// <inheritdoc cref="RawConnection.AwaitEnd()"/>
    public void AwaitEnd()
    {
        if (_reader is null)
        {
            RawConnection.AwaitEnd(_connection.Socket, ReadSome);
        }
        else
        {
            _reader.Join();
        }
    }

    public void Dispose()
    {
        _connection.Dispose();
        _reader?.Join();
        _tls.Dispose();
    }

    internal static HostilePeer Over(RawConnection connection, FrameLog seen, Action<SslStream> handshake)
    {
        SslStream tls = new(connection.Stream(), leaveInnerStreamOpen: true);
        try
        {
            handshake(tls);
            return new HostilePeer(connection, tls, seen);
        }
        catch
        {
            tls.Dispose();
            throw;
        }
    }

    private void Read()
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            while (ReadSome(buffer) > 0)
            {
                // Counted there.
            }
        }
        catch (Exception end) when (Ended.By(end))
        {
            // By whichever side.
        }
    }

    private int ReadSome(byte[] buffer)
    {
        int read = _tls.Read(buffer);
        Seen.Add(buffer.AsSpan(0, read));
        return read;
    }
}
