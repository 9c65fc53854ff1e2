using System.Runtime.InteropServices;
using Ztunnel.Linux;
using Ztunnel.OpenSsl;
using Ztunnel.Proxy.Tunnels;
using Ztunnel.State;

namespace Ztunnel.Proxy;

/// <summary>
/// What the connections of one worker share: buffers that are somebody's for one call only, and whatever decides
/// without being thread-safe. Lives as long as the process.
/// </summary>
internal sealed unsafe class ProxyWorker
{
    // TLS keeps at most one record back, so what a full read buffer decrypts to fits.
    private const int Slack = 2 * 16 * 1024;

    public ProxyWorker(ProxyServices services, Worker worker)
    {
        Services = services;
        Worker = worker;
        PlainSize = worker.ReadBufferSize + Slack;
        Plain = (byte*)NativeMemory.AlignedAlloc((nuint)PlainSize, 4096);
        Ciphertext = new TlsOutput(worker.ReadBufferSize + Slack);
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

    /// <summary>Where a tunnel decrypts what it read from its socket.</summary>
    public byte* Plain { get; }

    public int PlainSize { get; }

    /// <summary>Where a tunnel encrypts what it is about to send.</summary>
    public TlsOutput Ciphertext { get; }

    public OutboundRouter Outbound { get; }

    public InboundRouter Inbound { get; }

    public PeerLabels Labels { get; }

    public TunnelFigures Tunnels { get; }

    public Random Random { get; }

    public TimeSpan Now => TimeSpan.FromMilliseconds(Worker.NowMilliseconds);
}
