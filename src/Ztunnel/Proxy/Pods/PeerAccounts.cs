using Ztunnel.Linux;

namespace Ztunnel.Proxy.Pods;

/// <summary>
/// One account for all connections of one peer address to a pod: however many it opens, they share one share of the
/// worker.
/// </summary>
internal sealed class PeerAccounts
{
    private readonly Dictionary<InetAddress, PeerAccount> _peers = [];

    public int Count => _peers.Count;

    public PeerAccount Take(InetAddress peer)
    {
        if (!_peers.TryGetValue(peer, out PeerAccount? account))
        {
            account = new PeerAccount(peer);
            _peers.Add(peer, account);
        }

        account.Users++;
        return account;
    }

    /// <summary>Once for each <see cref="Take"/>.</summary>
    public void Return(PeerAccount account)
    {
        account.Users--;
        if (account.Users == 0)
        {
            _peers.Remove(account.Peer);
        }
    }
}
