using System.Diagnostics;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.ControlPlane;

/// <summary>Certificates that live for seconds, a root that is replaced, under load: no request fails.</summary>
public sealed class RotationTests(NodeLab lab) : IClassFixture<NodeLab>
{
    private static readonly TimeSpan s_lifetime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_watched = TimeSpan.FromMinutes(1);

    private static readonly Dictionary<string, string?> s_fromSecrets = new() { ["CERT_PROVIDER"] = "sds" };

    /// <summary>From the CA and from secrets: side by side, because a minute is long.</summary>
    [Fact]
    public Task Certificates_OfFifteenSeconds_RotateForAMinuteUnderLoad() => Task.WhenAll(
        RotateAsync(
            new TwoNodeMeshOptions(),
            mesh => mesh.Ca.Answer = CaAnswers.ShortLived(s_lifetime),
            (mesh, identity) => mesh.Ca.Calls.Count(call => call.SpiffeId == identity)),
        RotateAsync(
            new TwoNodeMeshOptions { Environment = s_fromSecrets },
            mesh => mesh.ControlPlane.Secrets.RotateEvery(s_lifetime),
            (mesh, identity) => mesh.ControlPlane.Pushes.Count(push => push.Names.Contains(identity))));

    [Fact]
    public async Task Root_ReplacedUnderLoad_BreaksNoConnection()
    {
        (Pod client, Pod server) = (lab.AddPod(), lab.AddPod());
        lab.Ca.Answer = CaAnswers.ShortLived(TimeSpan.FromSeconds(4));
        using ZtunnelProcess proxy = await lab.Start([client, server]).ReadyAsync();
        using AppServer echo = AppServer.Echo(server);
        await using SteadyTraffic traffic = await SteadyTraffic.StartAsync(client, server.V4, echo.Port);

        lab.Ca.AnnounceRoot();
        await RenewedAsync(traffic, client, server); // both trust either root
        lab.Ca.ReplaceRoot();
        await lab.ControlPlane.StopAsync();
        await lab.ControlPlane.StartAgainAsync(); // with a certificate of the new root
        await lab.ControlPlane.WaitForAckAsync();
        await RenewedAsync(traffic, client, server);

        await traffic.GoesOnAsync();
        await traffic.StopAsync();
        AssertNoFailure(proxy);
    }

    private static async Task RotateAsync(
        TwoNodeMeshOptions options, Action<TwoNodeMesh> shorten, Func<TwoNodeMesh, string, int> countIssued)
    {
        await using TwoNodeMesh mesh = await TwoNodeMesh.StartAsync(options with
        {
            Config = mesh =>
            {
                shorten(mesh);
                return mesh.Config();
            },
        });
        using AppServer echo = AppServer.Echo(mesh.Server);
        await using SteadyTraffic traffic = await SteadyTraffic.StartAsync(mesh.Client, mesh.Server.V4, echo.Port);

        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < s_watched)
        {
            await traffic.GoesOnAsync();
        }

        await traffic.StopAsync();
        foreach (string identity in new[] { mesh.Client.SpiffeId, mesh.Server.SpiffeId })
        {
            // Every 7.5 seconds, and not again and again.
            Assert.InRange(countIssued(mesh, identity), 7, 14);
        }

        Assert.Empty(mesh.ControlPlane.Nacks);
        AssertNoFailure(mesh.ClientProxy);
        AssertNoFailure(mesh.ServerProxy);
    }

    private async Task RenewedAsync(SteadyTraffic traffic, params Pod[] pods)
    {
        // A call that was under way when the CA changed its mind may have got the old answer: two of each.
        int before = lab.Ca.Calls.Count;
        while (!pods.All(pod => lab.Ca.Calls.Skip(before).Count(call => call.SpiffeId == pod.SpiffeId) >= 2))
        {
            await traffic.GoesOnAsync();
        }
    }

    private static void AssertNoFailure(ZtunnelProcess proxy) => Assert.DoesNotContain(
        proxy.Log.Lines(), line => line.Contains("\terror\taccess", StringComparison.Ordinal));
}
