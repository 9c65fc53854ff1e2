using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ztunnel.OpenSsl;

namespace Ztunnel.Tests.OpenSsl;

/// <summary>Against the BCL's TLS, which sets libssl up in its own way, and can be made to misbehave.</summary>
public sealed class TlsSslStreamTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly TlsLab _lab = new();
    private readonly X509Certificate2 _theirs;

    public TlsSslStreamTests() => _theirs = _lab.Root.IssueWithKey(new TestLeaf("spiffe://td/ns/a/sa/bcl"));

    public void Dispose()
    {
        _theirs.Dispose();
        _lab.Dispose();
    }

    [Theory]
    [InlineData(TlsRole.Client)]
    [InlineData(TlsRole.Server)]
    public async Task Session_OppositeSslStream_ExchangesAndHalfCloses(TlsRole role)
    {
        using TlsStreamDriver driver = await StartAsync(role);
        Task theirs = role == TlsRole.Client
            ? driver.Theirs.AuthenticateAsServerAsync(ServerOptions())
            : driver.Theirs.AuthenticateAsClientAsync(ClientOptions());

        Assert.Equal(TlsStatus.Ok, await driver.HandshakeAsync().WaitAsync(s_patience));
        await theirs.WaitAsync(s_patience);

        Assert.Equal(["spiffe://td/ns/a/sa/bcl"], driver.End.Session.PeerUris);
        Assert.Equal(SslApplicationProtocol.Http2, driver.Theirs.NegotiatedApplicationProtocol);
        Assert.True(driver.Theirs.IsMutuallyAuthenticated);
        await ExchangeAsync(driver);
    }

    [Theory]
    [InlineData(TlsRole.Client)]
    [InlineData(TlsRole.Server)]
    public async Task Session_PeerWithoutAlpn_IsAccepted(TlsRole role)
    {
        using TlsStreamDriver driver = await StartAsync(role);
        SslServerAuthenticationOptions server = ServerOptions();
        SslClientAuthenticationOptions client = ClientOptions();
        server.ApplicationProtocols = client.ApplicationProtocols = null;
        Task theirs = role == TlsRole.Client
            ? driver.Theirs.AuthenticateAsServerAsync(server)
            : driver.Theirs.AuthenticateAsClientAsync(client);

        Assert.Equal(TlsStatus.Ok, await driver.HandshakeAsync().WaitAsync(s_patience));
        await theirs.WaitAsync(s_patience);
    }

    [Fact]
    public async Task Server_OtherAlpn_IsRefused()
    {
        SslClientAuthenticationOptions options = ClientOptions();
        options.ApplicationProtocols = [SslApplicationProtocol.Http11, new SslApplicationProtocol("h2c")];

        string failure = await RefusedAsync(options);

        Assert.Equal("no application protocol (sent alert no_application_protocol)", failure);
    }

    [Fact]
    public async Task Server_H2AmongOthers_IsSelected()
    {
        using TlsStreamDriver driver = await StartAsync(TlsRole.Server);
        SslClientAuthenticationOptions options = ClientOptions();
        options.ApplicationProtocols = [SslApplicationProtocol.Http11, SslApplicationProtocol.Http2];
        Task theirs = driver.Theirs.AuthenticateAsClientAsync(options);

        Assert.Equal(TlsStatus.Ok, await driver.HandshakeAsync().WaitAsync(s_patience));
        await theirs.WaitAsync(s_patience);

        Assert.Equal(SslApplicationProtocol.Http2, driver.Theirs.NegotiatedApplicationProtocol);
    }

    [Fact]
    public async Task Server_NoClientCertificate_IsRefused()
    {
        SslClientAuthenticationOptions options = ClientOptions();
        options.ClientCertificateContext = null;

        string failure = await RefusedAsync(options);

        Assert.Equal("peer did not return a certificate (sent alert certificate_required)", failure);
    }

    [Fact]
    public async Task Server_Tls12Only_IsRefused()
    {
        SslClientAuthenticationOptions options = ClientOptions();
        options.EnabledSslProtocols = SslProtocols.Tls12;

        string failure = await RefusedAsync(options);

        Assert.Equal("unsupported protocol (sent alert protocol_version)", failure);
    }

    [Fact]
    public async Task Client_Tls12Only_IsRefused()
    {
        using TlsStreamDriver driver = await StartAsync(TlsRole.Client);
        SslServerAuthenticationOptions options = ServerOptions();
        options.EnabledSslProtocols = SslProtocols.Tls12;
        Task theirs = driver.Theirs.AuthenticateAsServerAsync(options);

        Assert.Equal(TlsStatus.Failed, await driver.HandshakeAsync().WaitAsync(s_patience));
        await Assert.ThrowsAsync<AuthenticationException>(() => theirs).WaitAsync(s_patience);

        Assert.Equal("received alert protocol_version", driver.End.Session.Failure);
    }

    [Theory]
    [InlineData(TlsRole.Client)]
    [InlineData(TlsRole.Server)]
    public async Task Session_Tls12Allowed_TalksToATls12Peer(TlsRole role)
    {
        using TlsStreamDriver driver = await StartAsync(role, new TlsContextOptions { AllowsTls12 = true });
        SslServerAuthenticationOptions server = ServerOptions();
        SslClientAuthenticationOptions client = ClientOptions();
        server.EnabledSslProtocols = client.EnabledSslProtocols = SslProtocols.Tls12;
        Task theirs = role == TlsRole.Client
            ? driver.Theirs.AuthenticateAsServerAsync(server)
            : driver.Theirs.AuthenticateAsClientAsync(client);

        Assert.Equal(TlsStatus.Ok, await driver.HandshakeAsync().WaitAsync(s_patience));
        await theirs.WaitAsync(s_patience);

        Assert.Equal("TLSv1.2", driver.End.Session.Protocol);
        Assert.Equal("ECDHE-ECDSA-AES256-GCM-SHA384", driver.End.Session.Cipher);
        await ExchangeAsync(driver);
    }

    [Fact]
    public async Task Server_SuitesOfTheClientOnly_FollowItsOrder()
    {
        using TlsStreamDriver driver = await StartAsync(TlsRole.Server);
        SslClientAuthenticationOptions options = ClientOptions();
        options.CipherSuitesPolicy = new CipherSuitesPolicy(
            [TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_AES_256_GCM_SHA384]);
        Task theirs = driver.Theirs.AuthenticateAsClientAsync(options);

        Assert.Equal(TlsStatus.Ok, await driver.HandshakeAsync().WaitAsync(s_patience));
        await theirs.WaitAsync(s_patience);

        Assert.Equal("TLS_AES_128_GCM_SHA256", driver.End.Session.Cipher);
    }

    [Fact]
    public async Task Server_NoCommonSuite_IsRefused()
    {
        SslClientAuthenticationOptions options = ClientOptions();
        options.CipherSuitesPolicy = new CipherSuitesPolicy([TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256]);

        string failure = await RefusedAsync(options);

        Assert.Equal("no shared cipher (sent alert handshake_failure)", failure);
    }

    private static async Task ExchangeAsync(TlsStreamDriver driver)
    {
        byte[] data = RandomNumberGenerator.GetBytes(300_000);
        byte[] received = new byte[data.Length];
        Task reading = driver.Theirs.ReadExactlyAsync(received).AsTask();
        await driver.WriteAsync(data).WaitAsync(s_patience);
        await reading.WaitAsync(s_patience);
        Assert.Equal(data, received);

        Task writing = driver.Theirs.WriteAsync(data).AsTask();
        (_, byte[] ours) = await driver.ReadAsync(data.Length).WaitAsync(s_patience);
        await writing.WaitAsync(s_patience);
        Assert.Equal(data, ours);

        await driver.Theirs.ShutdownAsync();
        Assert.Equal(TlsStatus.Closed, (await driver.ReadAsync(1).WaitAsync(s_patience)).Status);
        await driver.ShutdownAsync();
        Assert.Equal(0, await driver.Theirs.ReadAsync(received).AsTask().WaitAsync(s_patience));
    }

    private async Task<string> RefusedAsync(SslClientAuthenticationOptions options)
    {
        using TlsStreamDriver driver = await StartAsync(TlsRole.Server);
        Task theirs = driver.Theirs.AuthenticateAsClientAsync(options);

        Assert.Equal(TlsStatus.Failed, await driver.HandshakeAsync().WaitAsync(s_patience));

        // A client of TLS 1.3 may be done before; then its first read tells.
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await theirs;
            await driver.Theirs.ReadExactlyAsync(new byte[1]);
        }).WaitAsync(s_patience);
        return driver.End.Session.Failure!;
    }

    private Task<TlsStreamDriver> StartAsync(TlsRole role, TlsContextOptions? options = null) =>
        TlsStreamDriver.ConnectAsync(new TlsSession(_lab.Context(role, options: options), new RecordingCheck()));

    private SslServerAuthenticationOptions ServerOptions() => new()
    {
        ApplicationProtocols = [SslApplicationProtocol.Http2],
        ClientCertificateRequired = true,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
        ServerCertificateContext = SslStreamCertificateContext.Create(_theirs, [], offline: true),
    };

    private SslClientAuthenticationOptions ClientOptions() => new()
    {
        ApplicationProtocols = [SslApplicationProtocol.Http2],
        ClientCertificateContext = SslStreamCertificateContext.Create(_theirs, [], offline: true),
        RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
    };
}
