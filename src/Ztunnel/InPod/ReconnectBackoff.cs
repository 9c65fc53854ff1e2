namespace Ztunnel.InPod;

/// <summary>Doubling waits between attempts, with an upper end and, if asked for, a scatter.</summary>
/// <param name="scatter">Share of the wait by which it may differ either way.</param>
internal sealed class ReconnectBackoff(TimeSpan first, TimeSpan longest, double scatter, Random random)
{
    private readonly TimeSpan _first = first;
    private TimeSpan _next = first;

    public TimeSpan Next()
    {
        TimeSpan wait = _next;
        _next = wait * 2 < longest ? wait * 2 : longest;
        return wait * (1 - scatter + (2 * scatter * random.NextDouble()));
    }

    public void Reset() => _next = _first;
}
