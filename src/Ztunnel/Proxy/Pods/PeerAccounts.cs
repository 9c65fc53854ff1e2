using Ztunnel.Linux;

namespace Ztunnel.Proxy.Pods;

/// <summary>
/// One turn account for all connections of one peer address to a pod: however many it opens, they share one share of
/// the worker.
/// </summary>
internal sealed class PeerAccounts
{
    private readonly Dictionary<InetAddress, (TurnAccount Account, int Users)> _peers = [];

    public TurnAccount Take(InetAddress peer)
    {
        (TurnAccount account, int users) = _peers.TryGetValue(peer, out (TurnAccount Account, int Users) known)
            ? known
            : (new TurnAccount($"peer {peer}"), 0);
        _peers[peer] = (account, users + 1);
        return account;
    }

    /// <summary>Once for each <see cref="Take"/>.</summary>
    public void Return(InetAddress peer)
    {
        (TurnAccount account, int users) = _peers[peer];
        if (users == 1)
        {
            _peers.Remove(peer);
        }
        else
        {
            _peers[peer] = (account, users - 1);
        }
    }
}
