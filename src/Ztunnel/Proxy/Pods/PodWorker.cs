using Microsoft.Extensions.Logging;
using Ztunnel.Certificates;
using Ztunnel.Hbone;
using Ztunnel.Identity;
using Ztunnel.Linux;
using Ztunnel.OpenSsl;
using Ztunnel.Proxy.Tunnels;
using Ztunnel.State;
using Ztunnel.Tls;

namespace Ztunnel.Proxy.Pods;

/// <summary>One pod's share on one worker: its connections, tunnels and accounts. Nothing here is another worker's.</summary>
internal sealed class PodWorker
{
    private readonly HashSet<IPodConnection> _connections = [];
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Workload? _described;
    private string _baggage = "";

    public PodWorker(PodContext pod, ProxyWorker proxy, ILogger logger)
    {
        (Pod, Proxy, Logger) = (pod, proxy, logger);
        Account = new TurnAccount($"pod {pod.Info}");
        Pool = new TunnelPool(this);
        Endpoints = new EndpointHealth(proxy);
    }

    public PodContext Pod { get; }

    public ProxyWorker Proxy { get; }

    public ILogger Logger { get; }

    /// <summary>Who pays for what the pod itself causes: its captured connections and the tunnels they need.</summary>
    public TurnAccount Account { get; }

    public TunnelPool Pool { get; }

    public EndpointHealth Endpoints { get; }

    public PeerAccounts Peers { get; } = new();

    public bool IsDraining { get; private set; }

    /// <summary>Completes after <see cref="Drain"/> or <see cref="Abort"/> when nothing is left.</summary>
    public Task Empty => _empty.Task;

    public MeshState State => Pod.Services.Mesh;

    public MeshSnapshot Mesh => State.Current;

    public bool HasConnections => _connections.Count > 0 || !Pool.IsEmpty;

    public void Add(IPodConnection connection)
    {
        _connections.Add(connection);
        Proxy.Worker.ConnectionCount++;
    }

    public void Remove(IPodConnection connection)
    {
        if (_connections.Remove(connection))
        {
            Proxy.Worker.ConnectionCount--;
            OnMaybeEmpty();
        }
    }

    public void Drain()
    {
        IsDraining = true;
        foreach (IPodConnection connection in _connections.ToArray())
        {
            connection.Drain();
        }

        Pool.Drain();
        OnMaybeEmpty();
    }

    public void Abort()
    {
        IsDraining = true;
        foreach (IPodConnection connection in _connections.ToArray())
        {
            connection.Abort();
        }

        Pool.Abort();
        Endpoints.Clear();
        OnMaybeEmpty();
    }

    public void Recheck(MeshSnapshot mesh)
    {
        if (IsDraining)
        {
            return; // what runs out its time is left alone
        }

        foreach (IPodConnection connection in _connections.ToArray())
        {
            connection.Recheck(mesh);
        }
    }

    /// <summary>Also while draining: a peer that is not to be trusted gets no time.</summary>
    public void RecheckPeers(RevocationLists lists)
    {
        foreach (IPodConnection connection in _connections.ToArray())
        {
            connection.RecheckPeer(lists);
        }

        Pool.RecheckPeers(lists);
    }

    public List<ConnectionSummary> List()
    {
        List<ConnectionSummary> list = [];
        foreach (IPodConnection connection in _connections)
        {
            connection.AddTo(list);
        }

        return list;
    }

    // An idle tunnel of ours delays no exit: only connections count, and tunnels that are being closed go by themselves.
    internal void OnMaybeEmpty()
    {
        if (IsDraining && _connections.Count == 0)
        {
            _empty.TrySetResult();
        }
    }

    /// <summary>The workload this proxy serves: at once where it is known, else within the time configured.</summary>
    /// <returns>Null when the time is up.</returns>
    public ValueTask<Workload?> FindWorkloadAsync() => Pod.Services.Mesh.WaitForWorkloadAsync(
        Pod.Info, Pod.Services.Config.Deadlines.Workload, Pod.Services.Time, Pod.Aborted.Token);

    /// <summary>Where the mesh is learnt on demand: waits until an unknown address is known, or will not be.</summary>
    /// <returns>False: the control plane did not answer.</returns>
    public ValueTask<bool> FetchAsync(InetAddress address) => Pod.Services.Mesh.FetchAsync(
        new NetworkAddress(Pod.Services.Config.Instance.Network, address), Pod.Aborted.Token);

    /// <summary>The same for what a request names; a peer's own address is asked for, and not waited for.</summary>
    public ValueTask<bool> FetchAsync(in InboundAuthority authority, InetAddress local, InetAddress peer)
    {
        if (Pod.Services.Mesh.Fetch is null)
        {
            return ValueTask.FromResult(true);
        }

        _ = FetchAsync(peer).AsTask(); // only labels depend on it; it fails by nothing but our own end
        return authority.Hostname is { } hostname
            ? Pod.Services.Mesh.FetchAsync(new NamespacedHostname(Pod.Info.Namespace, hostname), Pod.Aborted.Token)
            : authority.Endpoint.Address == local ? ValueTask.FromResult(true) : FetchAsync(authority.Endpoint.Address);
    }

    public string UnknownWorkload => $"failed to fetch information about local workload: {Pod.Info}";

    /// <exception cref="CertificateException">There is none, or not in time.</exception>
    public ValueTask<WorkloadTls> GetCertificateAsync(SpiffeId identity)
    {
        ValueTask<WorkloadTls> asked =
            Pod.Services.Certificates.GetAsync(identity, CertificatePriority.RealTime, Pod.Aborted.Token);
        return asked.IsCompletedSuccessfully ? asked : new ValueTask<WorkloadTls>(WaitAsync(asked));
    }

    /// <summary>What we tell peers about our workload; made once per version of it.</summary>
    public string Baggage(Workload workload)
    {
        if (!ReferenceEquals(workload, _described))
        {
            _baggage = new Baggage
            {
                ClusterId = workload.ClusterId,
                Namespace = workload.Namespace,
                WorkloadName = workload.WorkloadName,
                WorkloadType = workload.WorkloadType.Length == 0 ? "deployment" : workload.WorkloadType,
                ServiceName = workload.CanonicalName,
                Revision = workload.CanonicalRevision,
                Region = workload.Locality.Region,
                Zone = workload.Locality.Zone,
            }.Format();
            _described = workload;
        }

        return _baggage;
    }

    /// <summary>Of a failed connect to an HBONE port.</summary>
    public string DescribeConnect(IoResult result, CancellationToken aborted) => result.Errno switch
    {
        Errno.ETIMEDOUT =>
            $"connection timed out, maybe a NetworkPolicy is blocking HBONE port {Pod.Services.Config.Listen.InboundPort}: "
            + $"no answer within {Pod.Services.Config.Deadlines.Connect.TotalSeconds:0.###}s",
        Errno.ECANCELED when aborted.IsCancellationRequested => "pool draining",
        _ => $"io error: {result.Text}",
    };

    private async Task<WorkloadTls> WaitAsync(ValueTask<WorkloadTls> asked)
    {
        try
        {
            return await asked.AsTask().WaitAsync(Pod.Services.Config.Deadlines.Handshake, Pod.Services.Time);
        }
        catch (TimeoutException e)
        {
            throw new CertificateException("the CA has not answered in time", e);
        }
    }
}
