using System.Diagnostics;
using System.Globalization;

namespace Ztunnel.Lab;

/// <summary>What the innocent experienced for a while.</summary>
/// <param name="Steady">Times of requests on kept connections, in ticks of the monotonic clock.</param>
/// <param name="Fresh">Times of requests with a connection each.</param>
/// <param name="Errors">What went wrong, in words.</param>
public sealed record LoadWindow(IReadOnlyList<long> Steady, IReadOnlyList<long> Fresh, IReadOnlyList<string> Errors)
{
    /// <summary>Requests per second on kept connections.</summary>
    public double Rate => Steady.Count / Length.TotalSeconds;

    /// <summary>Connections per second.</summary>
    public double FreshRate => Fresh.Count / Length.TotalSeconds;

    public TimeSpan P99 => At(Steady, 0.99);

    public TimeSpan FreshP99 => At(Fresh, 0.99);

    public TimeSpan Worst => TimeSpan.FromTicks(Math.Max(At(Steady, 1).Ticks, At(Fresh, 1).Ticks));

    public required TimeSpan Length { get; init; }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Rate:F0}/s p99 {P99.TotalMilliseconds:F2} ms, new {FreshRate:F0}/s p99 {FreshP99.TotalMilliseconds:F2} ms, ")
        + string.Create(CultureInfo.InvariantCulture, $"worst {Worst.TotalMilliseconds:F0} ms");

    internal static LoadWindow Sum(IReadOnlyCollection<LoadWindow> parts) => new(
        [.. parts.SelectMany(part => part.Steady).Order()],
        [.. parts.SelectMany(part => part.Fresh).Order()],
        [.. parts.SelectMany(part => part.Errors)])
    {
        Length = parts.Max(part => part.Length),
    };

    private static TimeSpan At(IReadOnlyList<long> times, double share) => times.Count == 0
        ? Patience.Limit // nothing at all is worse than anything
        : Stopwatch.GetElapsedTime(0, times[(int)Math.Min(times.Count - 1, times.Count * share)]);
}
