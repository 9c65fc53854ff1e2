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
        Source.GetHashCode(), Destination.GetHashCode(), Service.GetHashCode(),
        ((int)Reporter << 1) | (IsMutualTls ? 1 : 0));

    /// <summary>All labels, in the order of the contract.</summary>
    public void WriteTo(MetricText text, ResponseFlag flag)
    {
        text.Label("reporter"u8, ReporterLabel);
        text.Label("source_workload"u8, Source.Workload);
        text.Label("source_canonical_service"u8, Source.CanonicalService);
        text.Label("source_canonical_revision"u8, Source.CanonicalRevision);
        text.Label("source_workload_namespace"u8, Source.Namespace);
        text.Label("source_principal"u8, Source.Principal);
        text.Label("source_app"u8, Source.App);
        text.Label("source_version"u8, Source.Version);
        text.Label("source_cluster"u8, Source.Cluster);
        text.Label("destination_service"u8, Service.Hostname);
        text.Label("destination_service_namespace"u8, Service.Namespace);
        text.Label("destination_service_name"u8, Service.Name);
        text.Label("destination_workload"u8, Destination.Workload);
        text.Label("destination_canonical_service"u8, Destination.CanonicalService);
        text.Label("destination_canonical_revision"u8, Destination.CanonicalRevision);
        text.Label("destination_workload_namespace"u8, Destination.Namespace);
        text.Label("destination_principal"u8, Destination.Principal);
        text.Label("destination_app"u8, Destination.App);
        text.Label("destination_version"u8, Destination.Version);
        text.Label("destination_cluster"u8, Destination.Cluster);
        text.Label("request_protocol"u8, "tcp");
        text.Label("response_flags"u8, flag.Label());
        text.Label("connection_security_policy"u8, SecurityPolicyLabel);
        if (_source is null && _destination is null)
        {
            return; // nobody whose place could be known
        }

        text.Label("source_region"u8, Source.Region);
        text.Label("source_zone"u8, Source.Zone);
        text.Label("destination_region"u8, Destination.Region);
        text.Label("destination_zone"u8, Destination.Zone);
    }
}
