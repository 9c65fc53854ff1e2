using Ztunnel.Hbone;
using Ztunnel.Identity;
using Ztunnel.State;
using Ztunnel.Telemetry;

namespace Ztunnel.Proxy;

/// <summary>
/// Workloads as metric labels. One worker's: a connection to a workload that was met before costs a look-up, no
/// strings.
/// </summary>
internal sealed class PeerLabels
{
    /// <summary>Versions of workloads come and go; above this the cache starts over.</summary>
    private const int MaxEntries = 4096;

    /// <summary>The longest name Kubernetes knows; whoever sends a longer one sends no name.</summary>
    private const int MaxName = 253;

    private readonly Dictionary<(Workload Workload, SpiffeId? Principal), TrafficPeer> _workloads = [];
    private readonly Dictionary<Service, TrafficService> _services = [];

    /// <param name="principal">A source's: proven by TLS. Null: unknown.</param>
    public TrafficPeer Source(Workload workload, SpiffeId? principal) => Of(workload, principal);

    /// <summary>A destination's principal is what the control plane says.</summary>
    public TrafficPeer Destination(Workload workload) => Of(workload, workload.Identity);

    /// <summary>A peer no workload is known for: what it says of itself, and who TLS says it is.</summary>
    public static TrafficPeer Derived(Baggage? baggage, SpiffeId? principal) => new()
    {
        Workload = Name(baggage?.WorkloadName),
        CanonicalService = Name(baggage?.ServiceName),
        CanonicalRevision = Name(baggage?.Revision),
        Namespace = Name(baggage?.Namespace),
        Principal = principal?.ToString()!,
        App = Name(baggage?.WorkloadName),
        Version = Name(baggage?.Revision),
        Cluster = Name(baggage?.ClusterId),
        Region = Name(baggage?.Region),
        Zone = Name(baggage?.Zone),
        IsHearsay = baggage is not null,
    };

    public TrafficService Of(Service? service)
    {
        if (service is null)
        {
            return TrafficService.None;
        }

        if (!_services.TryGetValue(service, out TrafficService? labels))
        {
            Trim(_services);
            labels = new TrafficService(service.Hostname, service.Namespace, service.Name);
            _services.Add(service, labels);
        }

        return labels;
    }

    private TrafficPeer Of(Workload workload, SpiffeId? principal)
    {
        if (_workloads.TryGetValue((workload, principal), out TrafficPeer? labels))
        {
            return labels;
        }

        Trim(_workloads);
        labels = new TrafficPeer
        {
            Workload = workload.WorkloadName,
            CanonicalService = workload.CanonicalName,
            CanonicalRevision = workload.CanonicalRevision,
            Namespace = workload.Namespace,
            Principal = principal?.ToString()!,
            App = workload.CanonicalName,
            Version = workload.CanonicalRevision,
            Cluster = workload.ClusterId,
            Region = workload.Locality.Region,
            Zone = workload.Locality.Zone,
        };
        _workloads.Add((workload, principal), labels);
        return labels;
    }

    private static string Name(string? text) => text is { Length: <= MaxName } ? text : TrafficPeer.UnknownText;

    private static void Trim<TKey, TValue>(Dictionary<TKey, TValue> cache)
        where TKey : notnull
    {
        if (cache.Count >= MaxEntries)
        {
            cache.Clear();
        }
    }
}
