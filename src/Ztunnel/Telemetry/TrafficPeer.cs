namespace Ztunnel.Telemetry;

/// <summary>
/// The ten labels of one side of a connection. Immutable and compared by value; its owner (a pod's proxy, a tunnel)
/// keeps one and hands it to every connection, so that labels cost a connection no strings and one cached hash.
/// </summary>
internal sealed record TrafficPeer
{
    public const string UnknownText = "unknown";

    private int _hash; // 0: not computed yet; a race computes the same value twice

    /// <summary>All ten are <c>unknown</c>: somebody is there, but who is not known.</summary>
    public static TrafficPeer Unknown { get; } = new();

    public string Workload { get; init => field = Known(value); } = UnknownText;
    public string CanonicalService { get; init => field = Known(value); } = UnknownText;
    public string CanonicalRevision { get; init => field = Known(value); } = UnknownText;
    public string Namespace { get; init => field = Known(value); } = UnknownText;

    /// <summary>SPIFFE text. For a source: the TLS identity only, never what the control plane says.</summary>
    public string Principal { get; init => field = Known(value); } = UnknownText;

    /// <summary>
    /// The canonical service when taken from the control plane, the workload when taken from baggage.
    /// </summary>
    public string App { get; init => field = Known(value); } = UnknownText;

    public string Version { get; init => field = Known(value); } = UnknownText;
    public string Cluster { get; init => field = Known(value); } = UnknownText;
    public string Region { get; init => field = Known(value); } = UnknownText;
    public string Zone { get; init => field = Known(value); } = UnknownText;

    /// <summary>
    /// A peer's word about itself, which it may change with every request: such series are bounded. Not a label.
    /// </summary>
    public bool IsHearsay { get; init; }

    public bool Equals(TrafficPeer? other) =>
        ReferenceEquals(this, other) || (other is not null && GetHashCode() == other.GetHashCode()
            && Workload == other.Workload && CanonicalService == other.CanonicalService
            && CanonicalRevision == other.CanonicalRevision && Namespace == other.Namespace
            && Principal == other.Principal && App == other.App && Version == other.Version
            && Cluster == other.Cluster && Region == other.Region && Zone == other.Zone);

    public override int GetHashCode()
    {
        if (_hash == 0)
        {
            HashCode hash = default;
            hash.Add(Workload);
            hash.Add(CanonicalService);
            hash.Add(CanonicalRevision);
            hash.Add(Namespace);
            hash.Add(Principal);
            hash.Add(App);
            hash.Add(Version);
            hash.Add(Cluster);
            hash.Add(Region);
            hash.Add(Zone);
            int value = hash.ToHashCode();
            _hash = value == 0 ? 1 : value;
        }

        return _hash;
    }

    /// <summary>Null for what a log line leaves out.</summary>
    public static string? Logged(string value) => value == UnknownText ? null : value;

    private TrafficPeer(TrafficPeer original)
    {
        // `with` copies every field; a copied hash would outlive the change.
        (Workload, CanonicalService, CanonicalRevision, Namespace) =
            (original.Workload, original.CanonicalService, original.CanonicalRevision, original.Namespace);
        (Principal, App, Version, Cluster, Region, Zone) =
            (original.Principal, original.App, original.Version, original.Cluster, original.Region, original.Zone);
    }

    public TrafficPeer()
    {
    }

    private static string Known(string? value) => string.IsNullOrEmpty(value) ? UnknownText : value;
}
