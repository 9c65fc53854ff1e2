namespace Ztunnel.Telemetry;

/// <summary>Counts of one label set of the DNS proxy. Written by its one thread, read by a scrape.</summary>
internal sealed class DnsSample(string queryType, bool overTcp)
{
    private long _requests;
    private long _forwarded;
    private long _failures;

    public string QueryType { get; } = queryType;

    public bool IsOverTcp { get; } = overTcp;

    public long Requests => Volatile.Read(ref _requests);

    public long Forwarded => Volatile.Read(ref _forwarded);

    public long Failures => Volatile.Read(ref _failures);

    /// <summary>Resolved with the first query that is forwarded.</summary>
    internal Prometheus.Histogram.Child? Duration { get; set; }

    public void Requested() => Volatile.Write(ref _requests, _requests + 1);

    public void WasForwarded(TimeSpan took, bool failed)
    {
        Volatile.Write(ref _forwarded, _forwarded + 1);
        Volatile.Write(ref _failures, _failures + (failed ? 1 : 0));
        Duration!.Observe(took.TotalSeconds);
    }
}
