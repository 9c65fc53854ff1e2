namespace Ztunnel.Telemetry;

/// <summary>
/// All labels of a traffic series but <c>response_flags</c>. A value of four references and a bit: made per connection
/// without an allocation, looked up by the cached hashes of its parts.
/// </summary>
internal readonly record struct TrafficLabels
{
    public const string MutualTlsText = "mutual_tls";

    private readonly TrafficPeer? _source;
    private readonly TrafficPeer? _destination;
    private readonly TrafficService? _service;

    /// <summary>The label names in the order of the contract; those of <see cref="ToValues"/> follow it.</summary>
    public static string[] Names { get; } =
    [
        "reporter",
        "source_workload", "source_canonical_service", "source_canonical_revision", "source_workload_namespace",
        "source_principal", "source_app", "source_version", "source_cluster",
        "destination_service", "destination_service_namespace", "destination_service_name",
        "destination_workload", "destination_canonical_service", "destination_canonical_revision",
        "destination_workload_namespace", "destination_principal", "destination_app", "destination_version",
        "destination_cluster", "request_protocol", "response_flags", "connection_security_policy",
        "source_region", "source_zone", "destination_region", "destination_zone",
    ];

    public Reporter Reporter { get; init; }

    public TrafficPeer Source
    {
        get => _source ?? TrafficPeer.Unknown;
        init => _source = value;
    }

    public TrafficPeer Destination
    {
        get => _destination ?? TrafficPeer.Unknown;
        init => _destination = value;
    }

    public TrafficService Service
    {
        get => _service ?? TrafficService.None;
        init => _service = value;
    }

    /// <summary>HBONE of any kind; also decides whether the access log names identities.</summary>
    public bool IsMutualTls { get; init; }

    public string ReporterLabel => Reporter == Reporter.Source ? "source" : "destination";

    public string SecurityPolicyLabel => IsMutualTls ? MutualTlsText : TrafficPeer.UnknownText;

    public bool Equals(TrafficLabels other) =>
        Reporter == other.Reporter && IsMutualTls == other.IsMutualTls && Source.Equals(other.Source)
        && Destination.Equals(other.Destination) && Service.Equals(other.Service);

    public override int GetHashCode() => HashCode.Combine(
        Source.GetHashCode(), Destination.GetHashCode(), Service.GetHashCode(), ((int)Reporter << 1) | (IsMutualTls ? 1 : 0));

    /// <summary>The values in the order of <see cref="Names"/>.</summary>
    public string[] ToValues(ResponseFlag flag) =>
    [
        ReporterLabel,
        Source.Workload, Source.CanonicalService, Source.CanonicalRevision, Source.Namespace,
        Source.Principal, Source.App, Source.Version, Source.Cluster,
        Service.Hostname, Service.Namespace, Service.Name,
        Destination.Workload, Destination.CanonicalService, Destination.CanonicalRevision,
        Destination.Namespace, Destination.Principal, Destination.App, Destination.Version,
        Destination.Cluster, "tcp", flag.Label(), SecurityPolicyLabel,
        Source.Region, Source.Zone, Destination.Region, Destination.Zone,
    ];
}
