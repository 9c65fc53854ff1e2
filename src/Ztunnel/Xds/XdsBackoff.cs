using Ztunnel.Telemetry;

namespace Ztunnel.Xds;

/// <summary>
/// How long to wait before the next stream. After an ordinary end hardly at all, after failures in a row twice as long
/// each time; never so short that a server which closes every stream at once is hammered, and scattered, so that the
/// nodes of a mesh do not come back together.
/// </summary>
internal sealed class XdsBackoff(Random random)
{
    private const double Scatter = 0.2;

    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(125); // 100 ms after the scatter
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(15);

    // An end that is ordinary by its status is no longer when the stream hardly lived.
    private static readonly TimeSpan s_ordinary = TimeSpan.FromSeconds(1);

    // Whatever ended such a stream has nothing to do with what went wrong before it.
    private static readonly TimeSpan s_good = TimeSpan.FromSeconds(30);

    private TimeSpan _wait = s_first;

    /// <param name="lived">Of the stream, from its first response; zero when it never came to one.</param>
    public TimeSpan After(XdsTermination end, TimeSpan lived)
    {
        bool isOrdinary = end is XdsTermination.Reconnect or XdsTermination.Complete && lived >= s_ordinary;
        _wait = isOrdinary || lived >= s_good ? s_first : _wait;
        if (!isOrdinary)
        {
            _wait = _wait * 2 < s_longest ? _wait * 2 : s_longest;
        }

        TimeSpan wait = _wait < s_least ? s_least : _wait;
        return wait * (1 - (Scatter * random.NextDouble()));
    }
}
