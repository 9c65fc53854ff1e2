using Microsoft.Extensions.Logging;
using Ztunnel.Config;
using Ztunnel.Dns.Forwarding;
using Ztunnel.Dns.Resolution;
using Ztunnel.Linux;
using Ztunnel.State;
using Ztunnel.Telemetry;

namespace Ztunnel.Dns;

/// <summary>What the DNS servers of all pods share. Everything that changes is the DNS thread's.</summary>
internal sealed class DnsServices(
    ProxyConfig config, Worker worker, MeshState mesh, DnsMetrics metrics, LogFactory log, TimeProvider time)
{
    public ProxyConfig Config { get; } = config;

    /// <summary>The one thread of DNS: a flood of queries takes no turns from the connections of other workers.</summary>
    public Worker Worker { get; } = worker;

    public MeshState Mesh { get; } = mesh;

    public DnsMetrics Metrics { get; } = metrics;

    public TimeProvider Time { get; } = time;

    public ILogger Logger { get; } = log.CreateLogger("ztunnel::dns::server");

    public QueryLog QueryLog { get; } = new(log);

    public MeshResolver MeshAnswers { get; } = new(config.Listen.IPv6, new Random());

    public ResolverFile Resolver { get; } =
        new(config.Dns.ResolverPath, time, log.CreateLogger("ztunnel::dns::forwarder"));

    public QueryCount Queries { get; } = new(config.Dns.MaxQueries);

    public RandomIds Ids { get; } = new();

    /// <summary>Every pod's UDP reads and answers go through these, one after the other.</summary>
    public ReceivedDatagrams Received { get; } = new(UdpServer.Batch);

    /// <inheritdoc cref="Received"/>
    public DatagramReplies Replies { get; } = new(UdpServer.Batch, 2 * UdpServer.MaxAnswer);

    /// <summary>Where an answer is written that does not belong to a batch.</summary>
    public byte[] Scratch { get; } = GC.AllocateUninitializedArray<byte>(ushort.MaxValue);
}
