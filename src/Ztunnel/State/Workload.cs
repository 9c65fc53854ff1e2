using Ztunnel.Identity;
using Ztunnel.Linux;

namespace Ztunnel.State;

/// <summary>
/// One workload as the control plane (or the local configuration) describes it. A class, not a record: it is known
/// by its uid, its version by its reference, and what is derived from it is kept beside it. Immutable but for its health.
/// </summary>
internal sealed class Workload
{
    private volatile HealthStatus _status;
    private SpiffeId[]? _expectedIdentities;

    public required string Uid { get; init; }

    public string Name { get; init; } = "";

    public string Namespace { get; init; } = "";

    public InetAddress[] Addresses { get; init; } = [];

    /// <summary>Empty for the default network.</summary>
    public string Network { get; init; } = "";

    public TunnelProtocol Protocol { get; init; }

    public NetworkMode NetworkMode { get; init; }

    public string TrustDomain { get; init; } = "";

    public string ServiceAccount { get; init; } = "";

    public GatewayAddress? Waypoint { get; init; }

    public GatewayAddress? NetworkGateway { get; init; }

    public string Node { get; init; } = "";

    public string CanonicalName { get; init; } = "";

    public string CanonicalRevision { get; init; } = "";

    /// <summary>Lower-case: deployment, pod, job or cronjob.</summary>
    public string WorkloadType { get; init; } = "";

    public string WorkloadName { get; init; } = "";

    /// <summary>The workload terminates HBONE by itself (a waypoint, a gateway).</summary>
    public bool NativeTunnel { get; init; }

    public ApplicationTunnel? ApplicationTunnel { get; init; }

    /// <summary>Keys (<c>namespace/name</c>) of the policies that select this workload.</summary>
    public string[] AuthorizationPolicies { get; init; } = [];

    /// <summary>
    /// As it is now, in every snapshot: nothing is looked up by it, and a change of it, the commonest of all, need not
    /// cost new versions of all that leads to the workload.
    /// </summary>
    public HealthStatus Status { get => _status; init => _status = value; }

    public string ClusterId { get; init; } = "";

    /// <summary>Resolved by DNS on use when there is no usable address.</summary>
    public string Hostname { get; init; } = "";

    public Locality Locality { get; init; } = Locality.None;

    /// <summary>Weight among the endpoints of a service; 0 is never chosen.</summary>
    public uint Capacity { get; init; } = 1;

    public WorkloadService[] Services { get; init; } = [];

    /// <summary>Said by the local document (<see cref="StaticConfig"/>).</summary>
    public bool IsOfDocument { get; init; }

    public SpiffeId Identity => ExpectedIdentities[0];

    /// <summary>The identity alone, as the list a client expects: one object for all connections to this workload.</summary>
    public SpiffeId[] ExpectedIdentities => // two threads may both make it; either result will do
        _expectedIdentities ??= [new SpiffeId(TrustDomain, Namespace, ServiceAccount)];

    public bool HasAddress(InetAddress address) => Array.IndexOf(Addresses, address) >= 0;

    /// <summary>This workload's own ports for a service, or null if it does not serve it.</summary>
    public PortMap? PortsOf(NamespacedHostname service)
    {
        foreach (WorkloadService served in Services)
        {
            if (served.Name == service)
            {
                return served.Ports;
            }
        }

        return null;
    }

    /// <summary>
    /// The two say the same, health apart; this one can then take the other's and go on. Never where a document has a part
    /// in it: what it said, and what took that place, are told apart by the reference.
    /// </summary>
    public bool IsLike(Workload other) =>
        !IsOfDocument
        && !other.IsOfDocument
        && Uid == other.Uid
        && Name == other.Name
        && Namespace == other.Namespace
        && AreSame(Addresses, other.Addresses)
        && Network == other.Network
        && Protocol == other.Protocol
        && NetworkMode == other.NetworkMode
        && TrustDomain == other.TrustDomain
        && ServiceAccount == other.ServiceAccount
        && Waypoint == other.Waypoint
        && NetworkGateway == other.NetworkGateway
        && Node == other.Node
        && CanonicalName == other.CanonicalName
        && CanonicalRevision == other.CanonicalRevision
        && WorkloadType == other.WorkloadType
        && WorkloadName == other.WorkloadName
        && NativeTunnel == other.NativeTunnel
        && ApplicationTunnel == other.ApplicationTunnel
        && AreSame(AuthorizationPolicies, other.AuthorizationPolicies)
        && ClusterId == other.ClusterId
        && Hostname == other.Hostname
        && Locality == other.Locality
        && Capacity == other.Capacity
        && AreSame(Services, other.Services);

    /// <summary>For the state alone, under its lock.</summary>
    public void SetStatus(HealthStatus status) => _status = status;

    /// <summary>The form error texts use.</summary>
    public override string ToString() =>
        $"Workload{{{Name} with uid {Uid} ({(Protocol == TunnelProtocol.Hbone ? "HBONE" : "TCP")})}}";

    private static bool AreSame<T>(T[] left, T[] right)
        where T : IEquatable<T> =>
        ReferenceEquals(left, right) || left.AsSpan().SequenceEqual(right);
}
