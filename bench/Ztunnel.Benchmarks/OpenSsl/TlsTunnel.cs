using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ztunnel.OpenSsl;

namespace Ztunnel.Benchmarks.OpenSsl;

/// <summary>Both ends of a mesh connection in memory, under certificates of their own making.</summary>
internal sealed unsafe class TlsTunnel : IDisposable
{
    private readonly EvpKey _key = EvpKey.GenerateP256();
    private readonly TlsContext _clientContext;
    private readonly TlsContext _serverContext;

    public TlsTunnel()
    {
        using ECDsa rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest root = new("O=root", rootKey, HashAlgorithmName.SHA256);
        root.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        DateTimeOffset start = DateTimeOffset.UtcNow.AddHours(-1);
        DateTimeOffset end = start.AddDays(1);
        using X509Certificate2 issuer = root.CreateSelfSigned(start, end);
        CertificateRequest request = new(
            new X500DistinguishedName(""),
            PublicKey.CreateFromSubjectPublicKeyInfo(_key.SubjectPublicKeyInfo(), out _),
            HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddUri(new Uri("spiffe://td/ns/shop/sa/cart"));
        request.CertificateExtensions.Add(names.Build(critical: true));
        using X509Certificate2 leaf = request.Create(issuer, start, end, [1, 2, 3, 4]);
        _clientContext = TlsContext.Create(TlsRole.Client, new(), _key, [leaf.RawData], [issuer.RawData]);
        _serverContext = TlsContext.Create(TlsRole.Server, new(), _key, [leaf.RawData], [issuer.RawData]);
        (Client, Server) = Connect();
    }

    public TlsSession Client { get; private set; }

    public TlsSession Server { get; private set; }

    public TlsOutput FromClient { get; } = new(512 * 1024);

    public TlsOutput FromServer { get; } = new(64 * 1024);

    public (TlsSession Client, TlsSession Server) Connect()
    {
        TlsSession client = new(_clientContext, AnyPeer.Instance);
        TlsSession server = new(_serverContext, AnyPeer.Instance);
        while (client.Handshake(FromClient) != TlsStatus.Ok || server.Handshake(FromServer) != TlsStatus.Ok)
        {
            server.Feed(FromClient.Start, FromClient.Length);
            server.Handshake(FromServer);
            FromClient.Clear();
            client.Feed(FromServer.Start, FromServer.Length);
            client.Handshake(FromClient);
            FromServer.Clear();
        }

        return (client, server);
    }

    /// <summary>Everything the client has written, through the server.</summary>
    public int Deliver(byte* into, int room)
    {
        int total = 0;
        Server.Feed(FromClient.Start, FromClient.Length);
        while (Server.Read(into, room, FromServer, out int read) == TlsStatus.Ok)
        {
            total += read;
        }

        FromClient.Clear();
        return total;
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
        FromClient.Dispose();
        FromServer.Dispose();
        _clientContext.Dispose();
        _serverContext.Dispose();
        _key.Dispose();
    }

    private sealed class AnyPeer : ITlsPeerCheck
    {
        public static readonly AnyPeer Instance = new();

        public string? Check(IReadOnlyList<string> uriSans) => null;
    }
}
