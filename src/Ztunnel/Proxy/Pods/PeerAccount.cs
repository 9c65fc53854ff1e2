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

    public InetAddress Peer { get; } = peer;

    public TurnAccount Turns { get; } = new($"peer {peer}");

    /// <summary>Connections that hold this account.</summary>
    public int Users { get; set; }

    public int Handshakes { get; private set; }

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
}
