namespace Ztunnel.Dns.Resolution;

/// <summary>
/// How names are completed for the pods of one namespace: the suffixes of the cluster's own names, and those a client's
/// search list has put behind the name that was meant.
/// </summary>
internal sealed class SearchScope
{
    /// <param name="searchDomains">
    /// Null: the list Kubernetes gives every pod of the namespace. A pod's own /etc/resolv.conf is out of our reach.
    /// </param>
    public SearchScope(
        string @namespace, string clusterDomain, string? preferredNamespace, IReadOnlyList<string>? searchDomains = null)
    {
        (Namespace, PreferredNamespace) = (@namespace, preferredNamespace);
        DomainSuffix = $".{Normal(clusterDomain)}";
        ServiceSuffix = $".svc{DomainSuffix}";
        NamespaceSuffix = $".{Normal(@namespace)}{ServiceSuffix}";
        SearchSuffixes = searchDomains is null
            ? [NamespaceSuffix, ServiceSuffix, DomainSuffix]
            : [.. searchDomains.Select(static domain => $".{Normal(domain)}")];
        LongestSuffix = NamespaceSuffix.Length; // of those that are appended
    }

    public string Namespace { get; }

    /// <summary>Comes after the own namespace and canonical services.</summary>
    public string? PreferredNamespace { get; }

    /// <summary><c>.cluster.local</c></summary>
    public string DomainSuffix { get; }

    /// <summary><c>.svc.cluster.local</c></summary>
    public string ServiceSuffix { get; }

    /// <summary><c>.shop.svc.cluster.local</c></summary>
    public string NamespaceSuffix { get; }

    /// <summary>In the order of the search list, each with a dot in front.</summary>
    public string[] SearchSuffixes { get; }

    public int LongestSuffix { get; }

    private static string Normal(string domain) => domain.Trim('.').ToLowerInvariant();
}
