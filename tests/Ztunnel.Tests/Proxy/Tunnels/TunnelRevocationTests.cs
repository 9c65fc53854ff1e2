using System.Net.Sockets;
using Ztunnel.OpenSsl;
using Ztunnel.Proxy.Tunnels;
using Ztunnel.Telemetry;
using Ztunnel.Tests.Linux;
using Ztunnel.Tests.OpenSsl;

namespace Ztunnel.Tests.Proxy.Tunnels;

/// <summary>Live tunnels when other revocation lists come into force.</summary>
public sealed class TunnelRevocationTests : IDisposable
{
    private const string Error = "connection closed: peer certificate revoked by CRL";

    private readonly TunnelLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RecheckPeer_Revoked_EndsItsStreamsWithTheReason(bool atClient)
    {
        await _lab.ConnectAsync();
        LabStream stream = await _lab.OpenAsync();
        RevocationLists lists = _lab.Revocations();

        await _lab.Run(() => (atClient ? _lab.Client : _lab.Server).RecheckPeer(lists));

        TunnelProbe owner = atClient ? _lab.ClientOwner : _lab.ServerOwner;
        Assert.Equal(TunnelEnd.Revoked, await owner.Ended.WaitAsync(TestWorker.Patience));
        Task<(string? Error, ResponseFlag Flag)> ended = atClient ? stream.Outbound.Ended : stream.Inbound.Ended;
        Assert.Equal((Error, ResponseFlag.CertificateRevoked), await ended.WaitAsync(TestWorker.Patience));
        await Assert.ThrowsAsync<SocketException>(
            () => LabStream.ReadToEndAsync(atClient ? stream.Caller : stream.Callee));
        string reporter = atClient ? "source" : "destination";
        Assert.Contains(
            $"istio_crl_policy_rejections_total{{reporter=\"{reporter}\"}} 1\n",
            await ScrapeAsync(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task RecheckPeer_AtTheServer_TellsThePeerByGoAway()
    {
        await _lab.ConnectAsync();
        await _lab.OpenAsync();
        RevocationLists lists = _lab.Revocations();

        await _lab.Run(() => _lab.Server.RecheckPeer(lists));

        await _lab.ClientOwner.Ended.WaitAsync(TestWorker.Patience);
        Assert.True(await _lab.Run(() => _lab.Client.Core.IsDraining));
    }

    [Fact]
    public async Task RecheckPeer_NotRevoked_LeavesItAlone()
    {
        await _lab.ConnectAsync();
        LabStream stream = await _lab.OpenAsync();
        using TestRoot other = new("root");
        RevocationLists lists = new([TestCrl.Der(other)]); // of that name, and not signed by it: no reason to end anything

        await _lab.Run(() => _lab.Client.RecheckPeer(lists));
        await _lab.Run(() => _lab.Server.RecheckPeer(lists));

        await LabStream.SendAllAsync(stream.Caller, [1]);
        Assert.Equal([1], await LabStream.ReadAsync(stream.Callee, 1));
    }

    private async Task<string> ScrapeAsync()
    {
        using MemoryStream text = new();
        await MetricsExposition.WriteAsync(
            _lab.Metrics.Set, ExpositionText.OpenMetrics, text, CancellationToken.None);
        return System.Text.Encoding.UTF8.GetString(text.ToArray());
    }
}
