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

    private readonly Dictionary<(Workload Workload, SpiffeId? Principal), TrafficPeer> _workloads = [];
    private readonly Dictionary<Service, TrafficService> _services = [];

    /// <param name="principal">A source's: proven by TLS. Null: unknown.</param>
    public TrafficPeer Source(Workload workload, SpiffeId? principal) => Of(workload, principal);

    /// <summary>A destination's principal is what the control plane says.</summary>
    public TrafficPeer Destination(Workload workload) => Of(workload, workload.Identity);

    /// <summary>A peer no workload is known for: what it says of itself, and who TLS says it is.</summary>
    public static TrafficPeer Derived(Baggage? baggage, SpiffeId? principal) => new()
    {
        Workload = baggage?.WorkloadName!,
        CanonicalService = baggage?.ServiceName!,
        CanonicalRevision = baggage?.Revision!,
        Namespace = baggage?.Namespace!,
        Principal = principal?.ToString()!,
        App = baggage?.WorkloadName!,
        Version = baggage?.Revision!,
        Cluster = baggage?.ClusterId!,
        Region = baggage?.Region!,
        Zone = baggage?.Zone!,
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

    private static void Trim<TKey, TValue>(Dictionary<TKey, TValue> cache)
        where TKey : notnull
    {
        if (cache.Count >= MaxEntries)
        {
            cache.Clear();
        }
    }
}
