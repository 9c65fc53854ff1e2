using System.Threading.Channels;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Ztunnel.ControlPlane;
using Ztunnel.Protos.Discovery;
using Ztunnel.State;
using Ztunnel.Telemetry;
using Ztunnel.Tests.Certificates;
using Ztunnel.Xds;

namespace Ztunnel.Tests.Xds;

/// <summary>The client without its network: responses in, requests out.</summary>
internal sealed class IntakeLab
{
    private readonly XdsRequests _requests = new(new Node { Id = "node" });
    private readonly XdsIntake _intake;

    public IntakeLab(bool isOnDemand = false)
    {
        ZtunnelMetrics metrics = new(new MetricSet(1), "test", new MetricOptions(), Clock);
        XdsSubscription addresses = new(
            XdsTypes.Address, isOnDemand ? SubscriptionKind.OnDemand : SubscriptionKind.Wildcard);
        Fetches = new OnDemandFetches(_requests, addresses, TimeSpan.FromSeconds(5), Clock, NullLogger.Instance);
        _intake = new XdsIntake(
            _requests,
            Fetches,
            new XdsClientMetrics(metrics, Clock),
            isOnDemand ? [XdsTypes.Authorization] : [XdsTypes.Address, XdsTypes.Authorization]);
        _intake.Add(addresses, new AddressTarget(Mesh, NullLogger.Instance));
        _intake.Add(
            new XdsSubscription(XdsTypes.Authorization, SubscriptionKind.Wildcard), new AuthorizationTarget(Mesh));
    }

    public ManualClock Clock { get; } = new();

    public MeshState Mesh { get; } = new(null);

    public OnDemandFetches Fetches { get; }

    public Task Synced => _intake.Synced;

    /// <summary>Subscribes beside the mesh's types.</summary>
    public XdsSubscription Register(string typeUrl, IResourceHandler handler)
    {
        XdsSubscription subscription = new(typeUrl, SubscriptionKind.Named);
        _intake.Add(subscription, new NamedTarget(handler, name => _requests.IsWanted(subscription, name)));
        return subscription;
    }

    public void Subscribe(XdsSubscription subscription, string name) => _requests.Subscribe(subscription, name);

    public void Unsubscribe(XdsSubscription subscription, string name) => _requests.Unsubscribe(subscription, name);

    /// <summary>A new stream, and what it begins with.</summary>
    public Queue<DeltaDiscoveryRequest> Connect() => Drain(Reader = _requests.Open());

    public ChannelReader<DeltaDiscoveryRequest>? Reader { get; private set; }

    public void Disconnect() => _requests.Close();

    public bool HasUnconfirmed => _intake.HasUnconfirmed(XdsTypes.Address);

    public void BeBrief() => _requests.BeBrief();

    public void Sweep() => _intake.Sweep(XdsTypes.Address, NullLogger.Instance);

    /// <summary>What was sent since.</summary>
    public Queue<DeltaDiscoveryRequest> Sent() => Drain(Reader!);

    public DeltaDiscoveryRequest Answer(DeltaDiscoveryResponse response) => Answer(response.ToByteArray());

    public DeltaDiscoveryRequest Answer(byte[] response) =>
        _intake.Answer(XdsResponse.Read(response), NullLogger.Instance);

    private static Queue<DeltaDiscoveryRequest> Drain(ChannelReader<DeltaDiscoveryRequest> reader)
    {
        Queue<DeltaDiscoveryRequest> requests = [];
        while (reader.TryRead(out DeltaDiscoveryRequest? request))
        {
            requests.Enqueue(request);
        }

        return requests;
    }
}
