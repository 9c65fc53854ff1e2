using Prometheus;

namespace Ztunnel.Telemetry;

/// <summary>The samples a series has been published under, so that a scrape looks up no labels. The collector's own.</summary>
internal sealed class PublishedTraffic(Counter.Child opened, Counter.Child received, Counter.Child sent)
{
    public Counter.Child Opened { get; } = opened;

    public Counter.Child Received { get; } = received;

    public Counter.Child Sent { get; } = sent;

    /// <summary>By flag; null until a connection ended with it.</summary>
    public Counter.Child?[] Closed { get; } = new Counter.Child?[ResponseFlags.Count];

    public Counter.Child?[] Failed { get; } = new Counter.Child?[ResponseFlags.Count];
}
