namespace Ztunnel.Load.Generators;

/// <summary>What came of <see cref="RequestOptions"/>.</summary>
/// <param name="Operations">All of them, warm-up included: what the proxies' CPU time is divided by.</param>
/// <param name="PerSecond">After the warm-up, as are the latencies (microseconds).</param>
internal sealed record RequestReport(
    long Operations, long Errors, double PerSecond, double P50, double P90, double P99);
