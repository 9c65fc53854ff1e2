using Microsoft.Extensions.Logging;
using Ztunnel.Identity;
using Ztunnel.Linux;
using Ztunnel.Proxy.Inbound;
using Ztunnel.Proxy.Outbound;
using Ztunnel.Proxy.Pods;

namespace Ztunnel.Proxy;

/// <summary>Starts proxies: for pods in their namespaces, for the one workload of dedicated mode, for ourselves.</summary>
internal sealed class PodProxyFactory : IPodProxyFactory
{
    private readonly ProxyServices _services;
    private readonly IReadOnlyList<ProxyWorker> _workers;
    private readonly ILogger _inbound;
    private readonly ILogger _outbound;
    private readonly ILogger _proxy;

    public PodProxyFactory(ProxyServices services)
    {
        _services = services;
        _workers = [.. services.Workers.Select(worker => new ProxyWorker(services, worker))];
        _inbound = services.Log.CreateLogger("ztunnel::proxy::inbound");
        _outbound = services.Log.CreateLogger("ztunnel::proxy::outbound");
        _proxy = services.Log.CreateLogger("ztunnel::proxy");
        SpareDescriptor.Reserve();
    }

    public Task<IPodProxy> StartAsync(
        WorkloadInfo workload, NetworkNamespace network, CancellationToken cancellation) =>
        StartAsync(workload, PodKind.InPod, network, cancellation);

    /// <summary>The self listener: HBONE to this process's own ports.</summary>
    public Task<IPodProxy> StartSelfAsync(WorkloadInfo self, CancellationToken cancellation) =>
        StartAsync(self, PodKind.Self, null, cancellation);

    /// <summary>Dedicated mode: every listener, ordinary sockets.</summary>
    public Task<IPodProxy> StartDedicatedAsync(WorkloadInfo workload, CancellationToken cancellation) =>
        StartAsync(workload, PodKind.Dedicated, null, cancellation);

    private async Task<IPodProxy> StartAsync(
        WorkloadInfo info, PodKind kind, NetworkNamespace? network, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        PodContext pod = new(_services, info, kind, network, KeepsSource: false);
        (List<PodListener> listeners, bool keepsSource) =
            await _services.Namespaces.RunAsync(network ?? NetworkNamespace.Home, () => Listen(pod));
        pod = pod with { KeepsSource = keepsSource };
        PodWorker[] workers = [.. _workers.Select(worker => new PodWorker(pod, worker, _proxy))];
        PodProxy proxy = new(pod, workers, listeners, _proxy);
        await proxy.StartAsync();
        return proxy;
    }

    private (List<PodListener> Listeners, bool KeepsSource) Listen(PodContext pod)
    {
        Config.ListenOptions ports = _services.Config.Listen;
        List<PodListener> bound = [];
        try
        {
            InetAddress any = ports.Wildcard;
            bool keepsSource = Open(bound, pod, new InetEndpoint(any, ports.InboundPort), "inbound",
                static (worker, socket, peer) => new InboundTunnel(worker, socket, peer).Begin());
            if (pod.Kind != PodKind.Self)
            {
                Open(bound, pod, new InetEndpoint(any, ports.InboundPlaintextPort), "inbound plaintext",
                    static (worker, socket, peer) => new PlaintextConnection(worker, socket, peer).Begin());
                Open(bound, pod, new InetEndpoint(any, ports.OutboundPort), "outbound",
                    static (worker, socket, peer) => new OutboundConnection(worker, socket, peer).Begin());
                if (ports.Socks5Port is { } socks)
                {
                    Open(bound, pod, new InetEndpoint(InetAddress.LoopbackV4, socks), "socks5",
                        static (worker, socket, peer) => new SocksConnection(worker, socket, peer).Begin());
                }
            }

            return (bound, keepsSource);
        }
        catch
        {
            bound.ForEach(static listener => listener.Socket.Dispose());
            throw;
        }
    }

    private bool Open(
        List<PodListener> bound, PodContext pod, InetEndpoint address, string component,
        Action<PodWorker, TcpSocket, InetEndpoint> accepted)
    {
        TcpSocket socket = PodSockets.Listen(
            pod, address, towardsApplication: component != "inbound", out bool isTransparent);
        bound.Add(new PodListener(socket, component, accepted));
        ILogger logger = component.StartsWith("inbound", StringComparison.Ordinal) ? _inbound : _outbound;
        logger.ListenerEstablished(address, component, isTransparent);
        return isTransparent;
    }
}
