using System.Security.Cryptography.X509Certificates;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Identity;

/// <summary>Certificates that are taken back while connections are open.</summary>
public sealed class RevocationTests(RevocationMesh mesh) : IClassFixture<RevocationMesh>
{
    private const string Reason = "connection closed: peer certificate revoked by CRL";

    [Fact]
    public Task Client_RevokedAtTheServersNode_LosesItsConnectionsAndGetsNoNew() =>
        AssertCutOffAsync(mesh.Mesh.ServerProxy, mesh.Mesh.ClientProxy, mesh.Client, "destination");

    [Fact]
    public Task Server_RevokedAtTheClientsNode_LosesItsConnectionsAndGetsNoNew() =>
        AssertCutOffAsync(mesh.Mesh.ClientProxy, mesh.Mesh.ServerProxy, mesh.Server, "source");

    [Fact]
    public async Task File_NotThere_IsSaidAtStart() =>
        await mesh.Mesh.ClientProxy.Log.WaitForAsync("\twarn\t", "crl.pem is not there");

    private async Task AssertCutOffAsync(ZtunnelProcess judge, ZtunnelProcess other, Pod revoked, string reporter)
    {
        using AppServer echo = AppServer.Echo(mesh.Server);
        using EchoClient open = await EchoClient.ConnectAsync(mesh.Client, mesh.Server.V4, echo.Port);
        await open.ExchangeAsync();
        using X509Certificate2 certificate = await RevocationMesh.CertificateOfAsync(other, revoked);

        await mesh.RevokeAtAsync(judge, certificate);

        await Patience.ForAsync(Apps.ReadToEndAsync(open.Socket), "the end of the open connection");
        await judge.Log.WaitForAsync("connection complete", $"error=\"{Reason}\"");
        MetricsText metrics = await judge.MetricsAsync();
        Assert.True(metrics.Sum("istio_crl_policy_rejections_total", ("reporter", reporter)) >= 1);
        Assert.True(metrics.Sum(
            "istio_tcp_connections_closed_total", ("reporter", reporter), ("response_flags", "CERT_REVOKED")) >= 1);
        int callers = echo.Callers.Count;
        using EchoClient refused = await EchoClient.ConnectAsync(mesh.Client, mesh.Server.V4, echo.Port);
        await Patience.ForAsync(Apps.ReadToEndAsync(refused.Socket), "the refusal");
        await judge.Log.WaitForAsync("invalid peer certificate: certificate revoked");
        Assert.Equal(callers, echo.Callers.Count);

        await mesh.RevokeAtAsync(judge);
        await EchoClient.OnceAsync(mesh.Client, mesh.Server.V4, echo.Port);
    }
}
