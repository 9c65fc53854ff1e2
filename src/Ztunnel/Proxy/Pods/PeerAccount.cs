using Ztunnel.Linux;

namespace Ztunnel.Proxy.Pods;

/// <summary>What one peer address uses of a pod's share of a worker.</summary>
internal sealed class PeerAccount(InetAddress peer)
{
    /// <summary>
    /// TLS handshakes at a time, each of which holds some 40 KiB until it is over. A node opens a tunnel or two to a
    /// pod, and a gateway a few dozen.
    /// </summary>
    public const int MaxHandshakes = 64;

    /// <summary>
    /// Connections at a time that were accepted and wait for their first turn. A peer that connects faster than its share
    /// of the worker allows would otherwise pile up sockets without end.
    /// </summary>
    public const int MaxQueued = 2048;

    /// <summary>Failed connects a second whose answers are not held back; twice as many at once.</summary>
    private const int FailuresPerSecond = 250;

    private const long BurstMilliseconds = 2_000;

    private long _nextFailure = long.MinValue / 2;

    public InetAddress Peer { get; } = peer;

    public TurnAccount Turns { get; } = new($"peer {peer}");

    /// <summary>Connections that hold this account.</summary>
    public int Users { get; set; }

    public int Handshakes { get; private set; }

    public int Queued { get; private set; }

    /// <summary>False: so many wait already that this one is to be closed at once.</summary>
    public bool TryQueue()
    {
        if (Queued >= MaxQueued)
        {
            return false;
        }

        Queued++;
        return true;
    }

    /// <summary>Its turn has come.</summary>
    public void Dequeue() => Queued--;

    /// <summary>False: the peer has as many under way as it may.</summary>
    public bool TryBeginHandshake()
    {
        if (Handshakes >= MaxHandshakes)
        {
            return false;
        }

        Handshakes++;
        return true;
    }

    public void EndHandshake() => Handshakes--;

    /// <summary>
    /// How long the news of a failed connect is to wait. A connect to a closed port is work for us and none for the peer;
    /// held back, its answer keeps a stream occupied, and those are limited.
    /// </summary>
    public TimeSpan DelayFailure(long nowMilliseconds)
    {
        _nextFailure = Math.Max(_nextFailure, nowMilliseconds - BurstMilliseconds) + (1000 / FailuresPerSecond);
        return TimeSpan.FromMilliseconds(Math.Max(0, _nextFailure - nowMilliseconds));
    }
}
