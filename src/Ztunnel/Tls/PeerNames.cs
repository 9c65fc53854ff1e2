using Ztunnel.Identity;

namespace Ztunnel.Tls;

/// <summary>The SPIFFE ids among a certificate's URI names; what does not parse is passed over.</summary>
internal static class PeerNames
{
    public static IEnumerable<SpiffeId> Ids(IReadOnlyList<string> uris)
    {
        foreach (string uri in uris)
        {
            if (SpiffeId.TryParse(uri, out SpiffeId? id))
            {
                yield return id;
            }
        }
    }

    /// <summary>As errors list them.</summary>
    public static string List(IEnumerable<SpiffeId> ids) => string.Join(',', ids);
}
