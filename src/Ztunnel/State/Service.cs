using Ztunnel.Identity;

namespace Ztunnel.State;

/// <summary>
/// One service. Its endpoints are not part of it: they come and go with workloads and are asked of the
/// <see cref="MeshSnapshot"/>, so that one pod's change does not touch what knows the service.
/// </summary>
internal sealed class Service
{
    private readonly string[] _subjectAltNames = [];

    public required string Name { get; init; }

    public required string Namespace { get; init; }

    /// <summary>Fully qualified; may be a wildcard (<c>*.example.org</c>).</summary>
    public required string Hostname { get; init; }

    public NetworkAddress[] Vips { get; init; } = [];

    public NetworkCidr[] CidrVips { get; init; } = [];

    public PortMap Ports { get; init; } = PortMap.Empty;

    /// <summary>Further names its endpoints may present; only SPIFFE text counts.</summary>
    public string[] SubjectAltNames
    {
        get => _subjectAltNames;
        init
        {
            _subjectAltNames = value;
            SubjectIdentities = ParseIdentities(value);
        }
    }

    /// <summary>Those of <see cref="SubjectAltNames"/> that are SPIFFE ids.</summary>
    public SpiffeId[] SubjectIdentities { get; private init; } = [];

    public GatewayAddress? Waypoint { get; init; }

    public WeightedWaypoint[] WeightedWaypoints { get; init; } = [];

    /// <summary>Null: any healthy endpoint.</summary>
    public LoadBalancer? LoadBalancer { get; init; }

    public IpFamilies IpFamilies { get; init; }

    /// <summary>Preferred over others when several services share an address or hostname.</summary>
    public bool Canonical { get; init; }

    public ServiceVisibility Visibility { get; init; }

    /// <summary>Endpoints the document names beside those that workloads announce (static configuration).</summary>
    public Endpoint[] DeclaredEndpoints { get; init; } = [];

    public NamespacedHostname Key => new(Namespace, Hostname);

    public bool HasWaypoint => Waypoint is not null || WeightedWaypoints.Length > 0;

    /// <param name="clientNamespace">Null skips the check.</param>
    public bool IsVisibleTo(string? clientNamespace) =>
        Visibility == ServiceVisibility.Public
        || clientNamespace is null
        || string.Equals(clientNamespace, Namespace, StringComparison.Ordinal);

    private static SpiffeId[] ParseIdentities(string[] names)
    {
        var identities = new List<SpiffeId>(names.Length);
        foreach (string name in names)
        {
            if (SpiffeId.TryParse(name, out SpiffeId? id))
            {
                identities.Add(id);
            }
        }

        return [.. identities];
    }
}
