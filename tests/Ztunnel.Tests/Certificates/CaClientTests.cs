using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Ztunnel.Certificates;
using Ztunnel.Config;
using Ztunnel.Identity;
using Ztunnel.OpenSsl;
using Ztunnel.Protos.Citadel;

namespace Ztunnel.Tests.Certificates;

public sealed class CaClientTests : IDisposable
{
    private static readonly SpiffeId s_cart = new("cluster.local", "shop", "cart");
    private static readonly SpiffeId s_other = new("cluster.local", "shop", "other");

    private readonly string _directory = Directory.CreateTempSubdirectory("ca").FullName;
    private readonly EmbeddedRoot _root = EmbeddedRoot.Create(TimeProvider.System);

    public void Dispose()
    {
        _root.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task IssueAsync_HonestCa_GivesTheCertificate()
    {
        ConcurrentQueue<(IstioCertificateRequest Request, Metadata Headers)> calls = new();
        await using TestCaServer server = await TestCaServer.StartAsync(async (request, context) =>
        {
            calls.Enqueue((request, context.RequestHeaders));
            return await SignAsync(request.Csr);
        });
        string tokenFile = Path.Combine(_directory, "token");
        await File.WriteAllTextAsync(tokenFile, "first-token\n");
        using CaClient client = Client(server, options => options with
        {
            Token = new AuthToken(tokenFile, null),
            ClusterId = "c1",
            Headers = [new("x-extra", "yes")],
            Lifetime = TimeSpan.FromMinutes(90),
        });

        IssuedCertificate issued = await IssueAsync(client);
        await File.WriteAllTextAsync(tokenFile, "second-token");
        await IssueAsync(client);

        Assert.Equal(s_cart, issued.Identity);
        Assert.Single(issued.Chain);
        Assert.Single(issued.Roots);
        (IstioCertificateRequest Request, Metadata Headers)[] seen = [.. calls];
        Assert.Equal("Bearer first-token", seen[0].Headers.GetValue("authorization"));
        Assert.Equal("Bearer second-token", seen[1].Headers.GetValue("authorization"));
        Assert.Equal("c1", seen[0].Headers.GetValue("clusterid"));
        Assert.Equal("yes", seen[0].Headers.GetValue("x-extra"));
        Assert.Equal(5400, seen[0].Request.ValidityDuration);
        Assert.Equal(s_cart.ToString(), seen[0].Request.Metadata.Fields["ImpersonatedIdentity"].StringValue);
        Assert.NotEqual(seen[0].Request.Csr, seen[1].Request.Csr);
    }

    [Fact]
    public async Task SignAsync_DedicatedWithoutToken_SendsNeitherMetadataNorToken()
    {
        Metadata? headers = null;
        bool impersonates = true;
        await using TestCaServer server = await TestCaServer.StartAsync(async (request, context) =>
        {
            (headers, impersonates) = (context.RequestHeaders, request.Metadata is not null);
            return await SignAsync(request.Csr);
        });
        using CaClient client = Client(server, options => options with { Impersonates = false });

        await IssueAsync(client);

        Assert.False(impersonates);
        Assert.Null(headers!.GetValue("authorization"));
        Assert.Null(headers.GetValue("clusterid"));
    }

    [Fact]
    public Task IssueAsync_TokenRejected_SaysSo() => FailsAsync(
        "signing gRPC error (Unauthenticated): request authenticate failure",
        (_, _) => throw new RpcException(new Status(StatusCode.Unauthenticated, "request authenticate failure")));

    [Fact]
    public Task IssueAsync_EmptyChain_IsRefused() => FailsAsync(
        $"chain returned from CA is empty for: {s_cart}", (_, _) => Task.FromResult<IEnumerable<string>>([]));

    [Fact]
    public Task IssueAsync_LeafAlone_IsRefused() => FailsAsync(
        "invalid root certificate: no root certificate present",
        async (request, _) => [(await SignAsync(request.Csr))[0]]);

    [Fact]
    public Task IssueAsync_RootBundleWithoutCertificate_IsRefused() => FailsAsync(
        "invalid root certificate: no root certificate present",
        async (request, _) => [(await SignAsync(request.Csr))[0], "nothing here"]);

    [Fact]
    public Task IssueAsync_LeafAsRoot_IsRefused() => FailsAsync(
        "invalid root certificate: no root certificate present",
        async (request, _) => await SignAsync(request.Csr) is { } chain ? [chain[0], chain[0]] : []);

    [Fact]
    public Task IssueAsync_OtherIdentity_IsRefused() => FailsAsync(
        $"did not find expected SAN: {s_cart}", async (request, _) => await SignAsync(request.Csr, s_other));

    [Fact]
    public Task IssueAsync_OtherKey_IsRefused() => FailsAsync(
        "failed to create CSR: the certificate is not for the key of the request",
        async (_, _) =>
        {
            using EvpKey foreign = EvpKey.GenerateP256();
            return await SignAsync(SigningRequest.Create(foreign, s_cart));
        });

    [Fact]
    public Task IssueAsync_Expired_IsRefused() => FailsAsync(
        "failed to create CSR: the certificate is not valid now: ",
        async (request, _) => await SignAsync(request.Csr, lifetime: TimeSpan.FromSeconds(-5)));

    [Fact]
    public Task IssueAsync_ForeignRoot_IsRefused() => FailsAsync(
        "failed to create CSR: the chain does not lead to its root: ",
        async (request, _) =>
        {
            using EmbeddedRoot foreign = EmbeddedRoot.Create(TimeProvider.System);
            return [(await SignAsync(request.Csr))[0], foreign.Certificate.ExportCertificatePem()];
        });

    [Fact]
    public Task IssueAsync_Garbage_IsRefused() => FailsAsync(
        "failed to create CSR: ", (_, _) => Task.FromResult<IEnumerable<string>>(["garbage", "garbage"]));

    [Fact]
    public async Task SignAsync_SlowCa_EndsAtTheDeadline()
    {
        await using TestCaServer server = await TestCaServer.StartAsync(async (_, context) =>
        {
            TaskCompletionSource<IEnumerable<string>> never = new();
            return await never.Task.WaitAsync(context.CancellationToken);
        });
        using CaClient client = Client(server, options => options with { Deadline = TimeSpan.FromMilliseconds(500) });

        CertificateException failure = await Assert.ThrowsAsync<CertificateException>(() => IssueAsync(client));

        Assert.StartsWith("signing gRPC error (DeadlineExceeded): ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignAsync_NobodyListens_IsUnavailable()
    {
        using Socket closed = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // bound, never listening: the port refuses
        int port = ((IPEndPoint)closed.LocalEndPoint!).Port;
        using CaClient client = new(
            new CaClientOptions
            {
                Address = new Uri($"https://127.0.0.1:{port}"),
                Roots = new RootCertificates(RootSource.System, ""),
            },
            NullLogger.Instance);

        CertificateException failure = await Assert.ThrowsAsync<CertificateException>(() => IssueAsync(client));

        Assert.StartsWith("signing gRPC error (Unavailable): ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignAsync_PlainHttp_IsRefused()
    {
        using CaClient client = new(
            new CaClientOptions
            {
                Address = new Uri("http://127.0.0.1:1"),
                Roots = new RootCertificates(RootSource.System, ""),
            },
            NullLogger.Instance);

        CertificateException failure = await Assert.ThrowsAsync<CertificateException>(() => IssueAsync(client));

        Assert.Contains("only https", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("other.test", false)]
    [InlineData("ca.test", true)]
    public async Task SignAsync_ServerHasAnotherName_NeedsTheAlternative(string? alternative, bool accepted)
    {
        await using TestCaServer server =
            await TestCaServer.StartAsync(async (request, _) => await SignAsync(request.Csr), name: "ca.test");
        using CaClient client = Client(server, options => options with { AlternativeHostname = alternative });

        Exception? failure = await Record.ExceptionAsync(() => IssueAsync(client));

        Assert.Equal(accepted, failure is null);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task SignAsync_ServerSpeaksTls12Only_NeedsTheSwitch(bool allowed, bool accepted)
    {
        await using TestCaServer server = await TestCaServer.StartAsync(
            async (request, _) => await SignAsync(request.Csr), protocols: SslProtocols.Tls12);
        using CaClient client = Client(server, options => options with { AllowsTls12 = allowed });

        Exception? failure = await Record.ExceptionAsync(() => IssueAsync(client));

        Assert.Equal(accepted, failure is null);
    }

    [Fact]
    public async Task SignAsync_RootFileChanges_IsSeenByTheNextRequest()
    {
        await using TestCaServer server =
            await TestCaServer.StartAsync(async (request, _) => await SignAsync(request.Csr));
        string roots = Path.Combine(_directory, "root-cert.pem");
        await File.WriteAllTextAsync(roots, _root.Certificate.ExportCertificatePem()); // not what the server has
        using CaClient client = Client(
            server, options => options with { Roots = new RootCertificates(RootSource.File, roots) });

        await Assert.ThrowsAsync<CertificateException>(() => IssueAsync(client));
        await File.WriteAllTextAsync(roots, server.RootPem);
        await IssueAsync(client);
        await File.WriteAllTextAsync(roots, "broken"); // the present channel stays
        await IssueAsync(client);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("a b")]
    public async Task SignAsync_TokenUnusable_FailsWithoutShowingIt(string token)
    {
        await using TestCaServer server =
            await TestCaServer.StartAsync(async (request, _) => await SignAsync(request.Csr));
        using CaClient client = Client(server, options => options with { Token = new AuthToken(null, token) });

        CertificateException failure = await Assert.ThrowsAsync<CertificateException>(() => IssueAsync(client));

        Assert.StartsWith("failed to create CSR: token from (literal) is ", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("a b", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<IssuedCertificate> IssueAsync(ICertificateAuthority authority) =>
        await new CertificateIssuer(authority, new CertificateReader(true, TimeProvider.System, NullLogger.Instance))
            .IssueAsync(s_cart, CancellationToken.None);

    private static CaClient Client(TestCaServer server, Func<CaClientOptions, CaClientOptions> change) => new(
        change(new CaClientOptions
        {
            Address = server.Address,
            Roots = new RootCertificates(RootSource.Inline, server.RootPem),
        }),
        NullLogger.Instance);

    private static async Task FailsAsync(
        string message, Func<IstioCertificateRequest, ServerCallContext, Task<IEnumerable<string>>> answer)
    {
        await using TestCaServer server = await TestCaServer.StartAsync(answer);
        using CaClient client = Client(server, options => options);

        CertificateException failure = await Assert.ThrowsAsync<CertificateException>(() => IssueAsync(client));

        Assert.StartsWith(message, failure.Message, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<string>> SignAsync(
        string csr, SpiffeId? identity = null, TimeSpan? lifetime = null) =>
        await new EmbeddedCa(_root, lifetime ?? TimeSpan.FromHours(1), TimeProvider.System)
            .SignAsync(identity ?? s_cart, csr, CancellationToken.None);
}
