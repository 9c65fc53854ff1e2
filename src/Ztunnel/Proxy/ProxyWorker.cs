using Ztunnel.Config;
using Ztunnel.Hbone;
using Ztunnel.Linux;
using Ztunnel.Proxy.Tunnels;
using Ztunnel.State;

namespace Ztunnel.Proxy;

/// <summary>
/// What the connections of one worker share: buffers that are somebody's for one call only, and whatever decides
/// without being thread-safe. Lives as long as the process.
/// </summary>
internal sealed class ProxyWorker
{
    private TunnelBuffers? _innerBuffers; // most nodes have no other network to go to

    public ProxyWorker(ProxyServices services, Worker worker)
    {
        Services = services;
        Worker = worker;
        Buffers = new TunnelBuffers(worker.ReadBufferSize);
        Limits = LimitsOf(services.Config.Tunnel);
        Labels = new PeerLabels();
        Tunnels = new TunnelFigures(services.Metrics.Tunnels);
        var random = new Random();
        string network = services.Config.Instance.Network;
        Outbound = new OutboundRouter(
            network, services.Config.Listen.InboundPort, services.Config.Listen.Forbidden, random);
        Inbound = new InboundRouter(network, services.Config.Listen.Forbidden);
        Random = random;
    }

    public ProxyServices Services { get; }

    public Worker Worker { get; }

    public int Index => Worker.Index;

    /// <summary>Of tunnels on sockets.</summary>
    public TunnelBuffers Buffers { get; }

    /// <summary>Of tunnels inside tunnels.</summary>
    public TunnelBuffers InnerBuffers => _innerBuffers ??= new TunnelBuffers(Buffers.PlainSize);

    /// <summary>The HTTP/2 engine's, as configured.</summary>
    public Http2Options Limits { get; }

    public OutboundRouter Outbound { get; }

    public InboundRouter Inbound { get; }

    public PeerLabels Labels { get; }

    public TunnelFigures Tunnels { get; }

    public Random Random { get; }

    public TimeSpan Now => TimeSpan.FromMilliseconds(Worker.NowMilliseconds);

    private static Http2Options LimitsOf(TunnelOptions options) => new()
    {
        StreamWindow = options.StreamWindow,
        ConnectionWindow = options.ConnectionWindow,
        MaxFrameSize = options.FrameSize,
        MaxConcurrentStreams = options.MaxConcurrentStreams,
    };
}
