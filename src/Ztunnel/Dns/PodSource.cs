using Ztunnel.Dns.Forwarding;
using Ztunnel.Dns.Resolution;
using Ztunnel.State;
using Ztunnel.Telemetry;

namespace Ztunnel.Dns;

/// <summary>
/// The pod's own workload as answers, metrics and log need it; found anew when the mesh has changed, made anew when the
/// workload itself has.
/// </summary>
internal sealed class PodSource(DnsPod pod)
{
    // Not the snapshot itself: a pod that has not asked for hours would keep that old mesh in memory.
    private long _version = -1;
    private SearchScope? _scope;
    private ResolvConf? _scopeOf;
    private DnsSource? _series;
    private Asker? _asker;

    /// <summary>Null: not known.</summary>
    public Workload? Workload { get; private set; }

    /// <summary>Where its queries are counted, known or not.</summary>
    public DnsSource Series => _series ??= pod.Services.Metrics.Take(PeerOf(Workload));

    /// <returns>Null: the control plane has not told of the pod.</returns>
    public Asker? TryFind(MeshSnapshot mesh)
    {
        if (mesh.Version != _version)
        {
            _version = mesh.Version;
            Set(mesh.FindWorkload(pod.Info));
        }

        return Workload is null ? null : CurrentAsker();
    }

    public void Release()
    {
        if (_series is not null)
        {
            pod.Services.Metrics.Release(_series);
            _series = null;
        }
    }

    private void Set(Workload? workload)
    {
        if (!ReferenceEquals(workload, Workload))
        {
            Workload = workload;
            _asker = null;
            Release();
        }
    }

    private Asker CurrentAsker()
    {
        // In dedicated mode the file is the workload's own, and its search list may change.
        ResolvConf? conf = pod.Network is null ? pod.Services.Resolver.Current : null;
        if (_scope is null || !ReferenceEquals(conf, _scopeOf))
        {
            _scopeOf = conf;
            _scope = new SearchScope(
                pod.Info.Namespace,
                pod.Services.Config.Instance.ClusterDomain,
                pod.Services.Config.Dns.PreferredServiceNamespace,
                conf?.Search);
            _asker = null;
        }

        return _asker ??= new Asker(Workload!.Network, _scope);
    }

    private static TrafficPeer PeerOf(Workload? workload) => workload is null ? TrafficPeer.Unknown : new TrafficPeer
    {
        CanonicalService = workload.CanonicalName,
        CanonicalRevision = workload.CanonicalRevision,
    };
}
