using Microsoft.Extensions.Logging.Abstractions;
using Ztunnel.Certificates;
using Ztunnel.Config;
using Ztunnel.Hbone;
using Ztunnel.Identity;
using Ztunnel.Linux;
using Ztunnel.Policy;
using Ztunnel.Proxy;
using Ztunnel.Proxy.Pods;
using Ztunnel.Proxy.Tunnels;
using Ztunnel.State;
using Ztunnel.Telemetry;
using Ztunnel.Tests.Linux;
using Ztunnel.Tests.Telemetry;
using Ztunnel.Tls;

namespace Ztunnel.Tests.Proxy.Tunnels;

/// <summary>A pod's pool on a worker, and a listener that the pool may connect to.</summary>
internal sealed class PoolLab : IAsyncDisposable
{
    private readonly TestWorker _thread = new(256 * 1024);
    private readonly LogCapture _log = new("off");
    private readonly EmbeddedRoot _root = EmbeddedRoot.Create(TimeProvider.System);
    private readonly CertificateStore _certificates;
    private readonly TcpSocket _listener = TcpSocket.Listen(new InetEndpoint(InetAddress.LoopbackV4, 0), 64, _ => { });

    public PoolLab()
    {
        _certificates = new CertificateStore(
            new CertificateIssuer(
                new EmbeddedCa(_root, TimeSpan.FromHours(1), TimeProvider.System),
                new CertificateReader(requireIdentity: true, TimeProvider.System, NullLogger.Instance)),
            TimeProvider.System,
            new Random(1),
            NullLogger.Instance);
        ProxyServices services = new()
        {
            Config = new ProxyConfig(),
            Workers = [_thread.Worker],
            Mesh = new MeshState(null),
            Certificates = _certificates,
            Namespaces = null!, // only listeners of pods need it
            Revocations = new Revocations(),
            Policy = new PolicyEngine(NullLogger.Instance, Microsoft.Extensions.Logging.LogLevel.Debug),
            Metrics = new ZtunnelMetrics(new MetricSet(1), "test", new MetricOptions(), TimeProvider.System),
            Access = new AccessLog(_log.Factory),
            Log = _log.Factory,
            Time = TimeProvider.System,
        };
        PodContext pod = new(services, new WorkloadInfo("pod", "ns", "sa"), PodKind.Self, null, KeepsSource: false);
        Pod = new PodWorker(pod, new ProxyWorker(services, _thread.Worker), NullLogger.Instance);
    }

    public static SpiffeId Client { get; } = new("cluster.local", "ns", "client");

    public static SpiffeId Server { get; } = new("cluster.local", "ns", "server");

    public PodWorker Pod { get; }

    public TunnelPool Pool => Pod.Pool;

    public InetEndpoint Endpoint => _listener.LocalEndpoint();

    public Task Run(Action work) => _thread.Run(_ => work());

    public Task<T> Run<T>(Func<T> work) => _thread.Run(_ => Task.FromResult(work()));

    /// <summary>With the certificate in the store: what follows on the worker awaits nothing but the connect.</summary>
    public Task PrepareAsync() => _certificates.GetAsync(Client, CertificatePriority.RealTime, CancellationToken.None).AsTask();

    public PoolKey Key(InetEndpoint? target = null) => new(Client, [Server], target ?? Endpoint, InetAddress.LoopbackV4);

    /// <summary>Asks on the worker, all in one turn.</summary>
    public async Task<WaiterProbe[]> AskAsync(int count, InetEndpoint? target = null)
    {
        WaiterProbe[] waiters = [.. Enumerable.Range(0, count).Select(_ => new WaiterProbe())];
        await Run(() => Array.ForEach(waiters, waiter => Pool.Request(Key(target), waiter)));
        return waiters;
    }

    /// <summary>The next connection of the pool's, raw.</summary>
    public TcpSocket Accept()
    {
        TcpSocket? accepted;
        do
        {
            accepted = _listener.Accept(out _, out _);
        }
        while (accepted is null);
        return accepted;
    }

    /// <summary>The next connection of the pool's, served.</summary>
    public async Task<TunnelProbe> ServeAsync()
    {
        WorkloadTls tls = await _certificates.GetAsync(Server, CertificatePriority.RealTime, CancellationToken.None);
        TcpSocket socket = Accept();
        TunnelProbe owner = new();
        await Run(() => new TunnelConnection(
            Pod.Proxy, new SocketTransport(Pod.Proxy, socket, isWatched: false), tls.Accept(new Revocations()),
            Http2Role.Server, new TurnAccount("server"), owner).Start());
        return owner;
    }

    /// <summary>Turn by turn, until the pool has nothing left.</summary>
    public async Task UntilEmptyAsync()
    {
        long deadline = Environment.TickCount64 + (long)TestWorker.Patience.TotalMilliseconds;
        while (!await Run(() => Pool.IsEmpty))
        {
            Assert.True(Environment.TickCount64 < deadline, "something stays in the pool");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Run(Pod.Abort);
        _thread.Dispose();
        _listener.Dispose();
        await _certificates.DisposeAsync();
        _root.Dispose();
        _log.Dispose();
    }
}
