namespace Ztunnel.Certificates;

/// <summary>
/// How long to wait after failures in a row: 1 s, doubled each time up to 150 s, scattered by a fifth so that the
/// nodes of a mesh do not come back together; after 15 minutes of failures a steady 150 s.
/// </summary>
internal sealed class RetryBackoff(Random random)
{
    private const double FirstSeconds = 1;
    private const double LongestSeconds = 150;
    private const double Scatter = 0.2;

    private static readonly TimeSpan s_steadyAfter = TimeSpan.FromMinutes(15);

    private double _seconds = FirstSeconds;
    private DateTimeOffset? _firstFailure;

    public TimeSpan Next(DateTimeOffset now)
    {
        _firstFailure ??= now;
        if (now - _firstFailure >= s_steadyAfter)
        {
            return TimeSpan.FromSeconds(LongestSeconds);
        }

        double seconds = _seconds;
        _seconds = Math.Min(_seconds * 2, LongestSeconds);
        return TimeSpan.FromSeconds(seconds * (1 - Scatter + (2 * Scatter * random.NextDouble())));
    }

    public void Reset() => (_seconds, _firstFailure) = (FirstSeconds, null);
}
