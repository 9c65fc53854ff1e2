namespace Ztunnel.Telemetry;

/// <summary>
/// Who asks, as labels: the pods of one canonical service and revision share it. Counting costs no labels; the DNS
/// thread alone counts, a scrape only reads.
/// </summary>
internal sealed class DnsSource(DnsMetrics metrics, string service, string revision)
{
    private readonly Dictionary<string, DnsSample> _overUdp = [];
    private readonly Dictionary<string, DnsSample> _overTcp = [];
    private readonly Lock _adding = new();

    public string Service { get; } = service;

    public string Revision { get; } = revision;

    /// <summary>Pods that count here, and since when there is none. Guarded by the metrics.</summary>
    internal int Users { get; set; }

    internal long GoneSince { get; set; }

    /// <param name="queryType">Lower case, one of a bounded set of names.</param>
    public void Requested(string queryType, bool overTcp) => Of(queryType, overTcp).Requested();

    public void Forwarded(string queryType, bool overTcp, TimeSpan took, bool failed)
    {
        DnsSample sample = Of(queryType, overTcp);
        sample.Duration ??= metrics.DurationOf(this, sample);
        sample.WasForwarded(took, failed);
    }

    internal DnsSample[] Samples()
    {
        lock (_adding)
        {
            return [.. _overUdp.Values, .. _overTcp.Values];
        }
    }

    private DnsSample Of(string queryType, bool overTcp)
    {
        Dictionary<string, DnsSample> samples = overTcp ? _overTcp : _overUdp;
        if (samples.TryGetValue(queryType, out DnsSample? sample)) // the one thread that adds needs no lock to read
        {
            return sample;
        }

        lock (_adding)
        {
            sample = new DnsSample(queryType, overTcp);
            samples.Add(queryType, sample);
            return sample;
        }
    }
}
