namespace Ztunnel.Telemetry;

/// <summary>Certificate revocation lists at work.</summary>
internal sealed class RevocationMetrics
{
    private readonly WorkerCounter[] _rejections;
    private readonly WorkerCounter[] _untracked;

    public RevocationMetrics(MetricSet set)
    {
        _rejections = ByReporter(set, "istio_crl_policy_rejections_total",
            "The total number of connections rejected because a certificate is revoked (unstable).");
        _untracked = ByReporter(set, "istio_crl_untracked_connections_total",
            "The total number of connections that are not tracked for revocation (unstable).");
    }

    /// <summary>A handshake or a live connection met a revoked certificate.</summary>
    public void Rejected(int worker, Reporter reporter) => _rejections[(int)reporter].Increment(worker);

    /// <summary>An HBONE connection that a later revocation will not close.</summary>
    public void Untracked(int worker, Reporter reporter) => _untracked[(int)reporter].Increment(worker);

    private static WorkerCounter[] ByReporter(MetricSet set, string name, string help)
    {
        WorkerCounterFamily family = new(set, name, help, ["reporter"]);
        return [family.With("source"), family.With("destination")];
    }
}
