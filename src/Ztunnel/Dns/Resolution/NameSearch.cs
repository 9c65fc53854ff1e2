using Ztunnel.State;

namespace Ztunnel.Dns.Resolution;

/// <summary>
/// Finds the service a name means: the name itself, what it may be short for, and both again without the search domain
/// that the client has put behind it. The first hit counts, wildcards of an earlier name before a later name.
/// Allocates nothing.
/// </summary>
internal readonly ref struct NameSearch(ServiceIndex services, SearchScope scope)
{
    private const int MaxName = 255;
    private const int Canonical = 2;

    private readonly ServiceIndex _services = services;
    private readonly SearchScope _scope = scope;

    /// <param name="name">Lower case, without the last dot.</param>
    public bool TryFind(ReadOnlySpan<char> name, out ServiceMatch match)
    {
        match = default;
        if (name.IsEmpty || name.Length > MaxName)
        {
            return false;
        }

        Span<char> alias = stackalloc char[MaxName + _scope.LongestSuffix];
        name.CopyTo(alias);
        if (TryExpanded(alias, name.Length, stripped: 0, out match))
        {
            return true;
        }

        foreach (string suffix in _scope.SearchSuffixes)
        {
            int length = name.Length - suffix.Length;
            if (length > 0 && name.EndsWith(suffix))
            {
                name.CopyTo(alias);
                if (TryExpanded(alias, length, stripped: length, out match))
                {
                    return true;
                }
            }
        }

        return false;
    }

    // The name, then what it stands for by its number of labels.
    private bool TryExpanded(Span<char> name, int length, int stripped, out ServiceMatch match)
    {
        if (TryName(name[..length], stripped, out match))
        {
            return true;
        }

        bool isOfServices = name[..length].EndsWith(".svc");
        return (name[..length].Count('.') + 1) switch
        {
            1 => TryWith(name, length, _scope.NamespaceSuffix, stripped, out match),
            2 => TryWith(name, length, _scope.ServiceSuffix, stripped, out match)
                || TryWith(name, length, _scope.NamespaceSuffix, stripped, out match),
            3 => (isOfServices && TryWith(name, length, _scope.DomainSuffix, stripped, out match))
                || TryWith(name, length, _scope.ServiceSuffix, stripped, out match),
            4 => isOfServices && TryWith(name, length, _scope.DomainSuffix, stripped, out match),
            _ => false,
        };
    }

    private bool TryWith(Span<char> name, int length, string suffix, int stripped, out ServiceMatch match)
    {
        suffix.CopyTo(name[length..]);
        return TryName(name[..(length + suffix.Length)], stripped, out match);
    }

    // Exactly, then *.parent, *.grandparent, … The star takes the place of the character before the dot for a moment.
    private bool TryName(Span<char> name, int stripped, out ServiceMatch match)
    {
        Service? service = Best(_services.Sharing(name));
        bool isExact = service is not null;
        for (int dot = name.IndexOf('.'); service is null && dot > 0; dot = Next(name, dot))
        {
            char before = name[dot - 1];
            name[dot - 1] = '*';
            service = Best(_services.Sharing(name[(dot - 1)..]));
            name[dot - 1] = before;
        }

        match = new ServiceMatch(service!, stripped, !isExact);
        return service is not null;
    }

    private static int Next(ReadOnlySpan<char> name, int dot)
    {
        int next = name[(dot + 1)..].IndexOf('.');
        return next < 0 ? -1 : dot + 1 + next;
    }

    private Service? Best(OneOrMany<Service> services)
    {
        Service? best = null;
        int bestRank = -1;
        for (int i = 0; i < services.Count; i++)
        {
            Service service = services[i];
            if (!IsAnswered(service))
            {
                continue;
            }

            int rank = RankOf(service);
            if (rank > bestRank || (rank == Canonical && bestRank == Canonical)) // of several canonical ones the last, as everywhere
            {
                (best, bestRank) = (service, rank);
            }
        }

        return best;
    }

    // Of services without an address only those of Kubernetes (headless ones) are known by their endpoints.
    private bool IsAnswered(Service service) =>
        service.IsVisibleTo(_scope.Namespace)
        && (service.Vips.Length > 0 || service.Hostname.EndsWith(_scope.ServiceSuffix, StringComparison.Ordinal));

    private int RankOf(Service service) =>
        service.Namespace == _scope.Namespace ? Canonical + 1
        : service.Canonical ? Canonical
        : service.Namespace == _scope.PreferredNamespace ? Canonical - 1
        : 0;
}
