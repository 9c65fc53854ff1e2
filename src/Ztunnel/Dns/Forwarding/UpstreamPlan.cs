using Ztunnel.Linux;

namespace Ztunnel.Dns.Forwarding;

/// <summary>
/// Whom to ask, in which order, and for how long: rounds over the servers, one more than the file's attempts. A round
/// lasts one timeout however many servers there are, so that a silent one costs a client less than its own patience.
/// </summary>
internal readonly record struct UpstreamPlan(IReadOnlyList<InetEndpoint> Servers, int First, TimeSpan Timeout, int Rounds)
{
    public int Steps => Servers.Count * Rounds;

    /// <summary>How long one server is waited for.</summary>
    public TimeSpan Patience => Timeout / Servers.Count;

    public InetEndpoint ServerOf(int step) => Servers[IndexOf(step)];

    public int IndexOf(int step) => (First + step) % Servers.Count;

    /// <summary>Somebody has not been asked yet: what this one refuses the next may know.</summary>
    public bool HasFresh(int step) => step + 1 < Servers.Count;
}
