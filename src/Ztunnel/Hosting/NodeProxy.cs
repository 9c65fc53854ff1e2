using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Ztunnel.Certificates;
using Ztunnel.Config;
using Ztunnel.Dns;
using Ztunnel.Identity;
using Ztunnel.InPod;
using Ztunnel.Linux;
using Ztunnel.Policy;
using Ztunnel.Proxy;
using Ztunnel.State;
using Ztunnel.Telemetry;
using Ztunnel.Tls;
using Ztunnel.Xds;

namespace Ztunnel.Hosting;

/// <summary>
/// Every object of the process, made by hand in the order in which they need each other. Making them opens nothing but
/// the files of the embedded CA: what can fail for the node's sake is done by the start.
/// </summary>
internal sealed class NodeProxy : IAsyncDisposable
{
    private readonly NamespaceThread _namespaces = new("namespaces");
    private readonly CertificateSupply _certificates;
    private readonly CertificatePrefetch? _prefetch; // null in dedicated mode

    /// <exception cref="StartupFailure">The embedded CA has no root.</exception>
    /// <exception cref="OpenSsl.OpenSslMissingException">The embedded CA has nothing to make one with.</exception>
    public NodeProxy(ProxyConfig config, LogFactory log, TimeProvider time)
    {
        (Config, Log, Time) = (config, log, time);
        Workers = new WorkerGroup(config.Workers, config.Dns.Enabled);
        Mesh = new MeshState(config.Instance.LocalNode);
        StaticMesh = new StaticMesh(config.ControlPlane, Mesh, log.CreateLogger("ztunnel::xds"));
        RevocationFile = config.ControlPlane.CrlPath is { } path
            ? new RevocationFile(path, Revocations, log.CreateLogger("ztunnel::tls::crl"))
            : null;
        Readiness = new ReadinessTasks(log, time);
        Metrics = NewMetrics();

        Xds = NewDiscovery();
        _certificates = new CertificateSupply(config, Revocations, Xds, log, time);
        _ = new CertificateMetrics(Metrics.Set, Certificates);

        Mesh.Fetch = config.ControlPlane.OnDemand && Xds is { } xds ? xds.FetchAsync : null;

        Mesh.Changed += new SeriesEviction(Mesh, Metrics.Traffic).OnChanged;
        Mesh.Changed += new LargeMesh(time).OnChanged;
        DnsServerFactory? dns = NewDns();
        PodProxyFactory proxies = new(NewServices(dns));
        if (config.Instance.Mode == ProxyMode.Shared)
        {
            _prefetch = new CertificatePrefetch(config.Instance.LocalNode, Certificates);
            Mesh.Changed += _prefetch.OnChanged;
            IPodProxyFactory pods = config.EnableProxy ? proxies : new IdleProxyFactory();
            Pods = new PodRegistry(
                dns is null ? pods : new ServedPodFactory(dns, pods),
                ForbiddenNamespaces.OfProcess(),
                log.CreateLogger("ztunnel::inpod::statemanager"));
            _ = new InPodMetrics(Metrics.Set, Pods);
        }

        Plane = Pods is null ? NewDedicatedPlane(proxies, dns) : NewSharedPlane(proxies, Pods);
    }

    public ProxyConfig Config { get; }

    public LogFactory Log { get; }

    public TimeProvider Time { get; }

    public WorkerGroup Workers { get; }

    public MeshState Mesh { get; }

    public StaticMesh StaticMesh { get; }

    /// <summary>Whose certificates count no more, from whatever source.</summary>
    public Revocations Revocations { get; } = new();

    /// <summary>Null: no file was named.</summary>
    public RevocationFile? RevocationFile { get; }

    public ReadinessTasks Readiness { get; }

    public ZtunnelMetrics Metrics { get; }

    public ICertificateSource Certificates => _certificates.Source;

    /// <summary>Null in dedicated mode.</summary>
    public PodRegistry? Pods { get; }

    public IDataPlane Plane { get; }

    /// <summary>Null when discovery is off.</summary>
    public XdsClient? Xds { get; }

    /// <summary>Files of settings that may change while it runs: what they say now is in force.</summary>
    public void RereadFiles()
    {
        StaticMesh.Reload();
        RevocationFile?.Reload();
    }

    /// <summary>They are followed from now on.</summary>
    public void WatchFiles()
    {
        StaticMesh.Watch(Time);
        RevocationFile?.Watch(Time);
    }

    /// <summary>Called in the process's own namespace, where what a thread opens is its own.</summary>
    public void StartThreads()
    {
        _namespaces.Start();
        Workers.Start();
    }

    public async ValueTask DisposeAsync()
    {
        StaticMesh.Dispose();
        RevocationFile?.Dispose();
        Workers.Stop();
        await _certificates.DisposeAsync();
        Xds?.Dispose();
        _namespaces.Dispose();
    }

    private ZtunnelMetrics NewMetrics()
    {
        MetricOptions options = new()
        {
            EvictionGrace = Config.Deadlines.MetricsGrace,
            IsDnsProxyOn = Config.Dns.Enabled,
        };
        ZtunnelMetrics metrics = new(new MetricSet(Config.Workers), Config.IstioVersion, options, Time);
        metrics.AddProcess(static () => (long)DescriptorLimit.Read().Soft, Workers.Figures, Log.Writer, Time);
        _ = new MeshMetrics(metrics.Set, Mesh, StaticMesh);
        return metrics;
    }

    private XdsClient? NewDiscovery() => Config.ControlPlane.XdsAddress is null
        ? null
        : new XdsClient(XdsClientOptions.From(Config), Mesh, Metrics, Log, Time);

    private ProxyServices NewServices(DnsServerFactory? dns) => new()
    {
        Config = Config,
        Workers = Workers.Workers,
        Mesh = Mesh,
        Certificates = Certificates,
        Revocations = Revocations,
        Policy = new PolicyEngine(
            Log.CreateLogger("ztunnel::state"),
            Config.Log.PolicyDecisionsAtInfo ? LogLevel.Information : LogLevel.Debug),
        Metrics = Metrics,
        Access = new AccessLog(Log),
        Log = Log,
        Time = Time,
        Namespaces = _namespaces,
        Names = dns is null ? null : new PodNames(dns),
    };

    // Null: switched off.
    private DnsServerFactory? NewDns()
    {
        if (Workers.Dns is not { } worker)
        {
            return null;
        }

        Metrics.Set.Counter(
            "ztunnel_dns_thread_busy_seconds_total",
            "Time the DNS thread spent in turns.",
            () => worker.BusyTicks / (double)Stopwatch.Frequency);
        return new DnsServerFactory(new DnsServices(Config, worker, Mesh, Metrics.Dns!, Log, Time), _namespaces);
    }

    private SharedPlane NewSharedPlane(PodProxyFactory proxies, PodRegistry pods)
    {
        ReadinessTask synced = Readiness.Register("workload proxy manager");
        ZdsClient agent = new(
            new ZdsClientOptions(Config.InPod.SocketPath),
            pods,
            ready => Report(synced, ready),
            Random.Shared,
            Log.CreateLogger("ztunnel::inpod::workloadmanager"))
        {
            SnapshotServed = _prefetch!.Begin,
        };
        SoloProxy? self = Config is { EnableProxy: true, Instance.Self: { } pod }
            ? new SoloProxy("ztunnel self-proxy", () => proxies.StartSelfAsync(InfoOf(pod), CancellationToken.None))
            : null;
        return new SharedPlane(Config, agent, self, Log);
    }

    private DedicatedPlane NewDedicatedPlane(PodProxyFactory proxies, DnsServerFactory? dns)
    {
        WorkloadInfo workload = InfoOf(Config.Instance.Workload!);
        Func<Task<IPodProxy>> proxy = Config.EnableProxy
            ? () => proxies.StartDedicatedAsync(workload, CancellationToken.None)
            : static () => Task.FromResult<IPodProxy>(new IdleProxy());
        Func<Task<IPodProxy>> all = dns is null
            ? proxy
            : () => new ServedPodFactory(dns, proxies).StartAsync(workload, null, proxy, CancellationToken.None);
        return new DedicatedPlane(new SoloProxy($"proxy of {workload}", all), Log.CreateLogger("ztunnel::app"));
    }

    private static void Report(ReadinessTask synced, bool ready)
    {
        if (ready)
        {
            synced.Complete();
        }
        else
        {
            synced.Reopen();
        }
    }

    private static WorkloadInfo InfoOf(PodIdentity pod) => new(pod.Name, pod.Namespace, pod.ServiceAccount);
}
