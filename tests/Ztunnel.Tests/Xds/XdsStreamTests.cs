using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Ztunnel.Config;
using Ztunnel.ControlPlane;
using Ztunnel.Protos.Discovery;
using Ztunnel.Telemetry;
using Ztunnel.Xds;

namespace Ztunnel.Tests.Xds;

public sealed class XdsStreamTests
{
    private readonly XdsMethod _method = new();
    private readonly XdsRequests _requests = new(new Node { Id = "node" });

    // A channel keeps for good what it was called with: a stream every fifteen seconds, while the control plane is down.
    [Fact]
    public async Task Run_OneStreamAfterTheOther_KeepsNoneButTheLast()
    {
        XdsClientOptions options = new()
        {
            Endpoint = new ControlPlaneEndpoint
            {
                Name = "XDS_ADDRESS",
                Address = new Uri("https://127.0.0.1:1"), // where nobody listens
                Roots = new RootCertificates(RootSource.System, ""),
            },
            Headers = new ControlPlaneHeaders(null, "c1", []),
            Node = new Node { Id = "node" },
        };
        using ControlPlaneChannel channel = new(options.Endpoint, NullLogger.Instance);
        List<WeakReference> streams = [];
        for (int stream = 0; stream < 4; stream++)
        {
            streams.Add(await RunAsync(options, channel));
        }

        GC.Collect();

        Assert.DoesNotContain(streams.SkipLast(1), static stream => stream.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task<WeakReference> RunAsync(XdsClientOptions options, ControlPlaneChannel channel)
    {
        ZtunnelMetrics metrics = new(new MetricSet(1), "test", new MetricOptions(), TimeProvider.System);
        OnDemandFetches fetches = new(
            _requests,
            new XdsSubscription(XdsTypes.Address, SubscriptionKind.Wildcard),
            TimeSpan.FromSeconds(5),
            TimeProvider.System,
            NullLogger.Instance);
        XdsIntake intake = new(_requests, fetches, new XdsClientMetrics(metrics, TimeProvider.System), []);
        XdsStream stream = new(options, channel, _method, _requests, intake, NullLogger.Instance);

        XdsStreamEnd end = await stream.RunAsync(static () => Assert.Fail("established"), CancellationToken.None);

        Assert.NotEqual(XdsTermination.Complete, end.Reason);
        return new WeakReference(stream);
    }
}
