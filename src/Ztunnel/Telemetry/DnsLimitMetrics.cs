namespace Ztunnel.Telemetry;

/// <summary>What the DNS proxy holds, and what it refused: our own, without labels that a pod could multiply.</summary>
internal sealed class DnsLimitMetrics
{
    private readonly WorkerCounter _inFlight;
    private readonly WorkerCounter _connections;
    private readonly WorkerCounter _malformed;
    private readonly WorkerCounter _loops;
    private readonly WorkerCounter _lost;
    private readonly WorkerCounter _refusedByPod;
    private readonly WorkerCounter _refusedByNode;
    private readonly WorkerCounter _refusedConnections;

    public DnsLimitMetrics(MetricSet set)
    {
        _inFlight = set.Gauge("ztunnel_dns_queries_in_flight", "Queries that wait for an answer from upstream.");
        _connections = set.Gauge("ztunnel_dns_tcp_connections", "Clients' connections to the DNS proxy.");
        _malformed = set.Counter("ztunnel_dns_malformed_total", "Messages that could not be read.");
        _loops = set.Counter("ztunnel_dns_loops_total", "Forwarded queries that came back to this proxy.");
        _lost = set.Counter("ztunnel_dns_replies_lost_total", "Answers that the kernel would not send.");
        WorkerCounterFamily refused = new(
            set, "ztunnel_dns_refused_total", "Queries and connections over a limit.", ["limit"]);
        _refusedByPod = refused.With("pod_queries");
        _refusedByNode = refused.With("node_queries");
        _refusedConnections = refused.With("pod_connections");
    }

    public void Began() => _inFlight.Increment(WorkerCounter.NoWorker);

    public void Ended() => _inFlight.Decrement(WorkerCounter.NoWorker);

    public void Connected() => _connections.Increment(WorkerCounter.NoWorker);

    public void Disconnected() => _connections.Decrement(WorkerCounter.NoWorker);

    public void Malformed() => _malformed.Increment(WorkerCounter.NoWorker);

    public void Looped() => _loops.Increment(WorkerCounter.NoWorker);

    public void Lost(int replies) => _lost.Add(WorkerCounter.NoWorker, replies);

    public void RefusedByPod() => _refusedByPod.Increment(WorkerCounter.NoWorker);

    public void RefusedByNode() => _refusedByNode.Increment(WorkerCounter.NoWorker);

    public void RefusedConnection() => _refusedConnections.Increment(WorkerCounter.NoWorker);
}
