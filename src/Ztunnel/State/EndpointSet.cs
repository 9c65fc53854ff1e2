namespace Ztunnel.State;

/// <summary>
/// The endpoints of one service, sorted by workload uid, in pages: a change copies one page and the list of pages,
/// so that a service of many thousand pods is not rebuilt for each of them. Immutable.
/// </summary>
internal sealed class EndpointSet
{
    private const int PageSize = 256;

    private readonly Endpoint[][] _pages;
    private readonly int _unlike; // endpoints that another choice than an even one may prefer or avoid

    private EndpointSet(Endpoint[][] pages, int count, int unlike) => (_pages, Count, _unlike) = (pages, count, unlike);

    public static EndpointSet Empty { get; } = new([], 0, 0);

    /// <param name="endpoints">In order of uid, each uid once.</param>
    public static EndpointSet Of(List<Endpoint> endpoints)
    {
        if (endpoints.Count == 0)
        {
            return Empty;
        }

        // Pages that are not full leave room for what comes one by one.
        const int filled = PageSize / 4 * 3;
        int count = (endpoints.Count + filled - 1) / filled;
        Endpoint[][] pages = new Endpoint[count][];
        for (int page = 0; page < count; page++)
        {
            int from = (int)((long)endpoints.Count * page / count);
            int to = (int)((long)endpoints.Count * (page + 1) / count);
            pages[page] = new Endpoint[to - from];
            endpoints.CopyTo(from, pages[page], 0, to - from);
        }

        return new EndpointSet(pages, endpoints.Count, endpoints.Sum(Unlike));
    }

    public int Count { get; }

    /// <summary>All endpoints weigh the same and know their workload: a random index is a fair choice.</summary>
    public bool IsEven => _unlike == 0;

    /// <summary>In order of uid; no page is empty.</summary>
    public ReadOnlySpan<Endpoint[]> Pages => _pages;

    public Endpoint? Find(string workloadUid)
    {
        if (_pages.Length == 0)
        {
            return null;
        }

        Endpoint[] page = _pages[PageOf(workloadUid)];
        int index = IndexIn(page, workloadUid);
        return index < 0 ? null : page[index];
    }

    /// <param name="random">Any number; taken modulo what is needed.</param>
    /// <returns>An endpoint, or null where a shorter page has no such place: ask again with another number.</returns>
    public Endpoint? At(ulong random)
    {
        Endpoint[] page = _pages[random / PageSize % (ulong)_pages.Length];
        ulong place = random % (_pages.Length == 1 ? (ulong)page.Length : PageSize);
        return place < (ulong)page.Length ? page[place] : null;
    }

    public EndpointSet Set(Endpoint endpoint)
    {
        if (_pages.Length == 0)
        {
            return new EndpointSet([[endpoint]], 1, Unlike(endpoint));
        }

        int pageIndex = PageOf(endpoint.WorkloadUid);
        Endpoint[] page = _pages[pageIndex];
        int index = IndexIn(page, endpoint.WorkloadUid);
        if (index >= 0)
        {
            Endpoint[] replaced = [.. page];
            replaced[index] = endpoint;
            return new EndpointSet(WithPage(pageIndex, replaced), Count, _unlike - Unlike(page[index]) + Unlike(endpoint));
        }

        index = ~index;
        Endpoint[] grown = [.. page.AsSpan(0, index), endpoint, .. page.AsSpan(index)];
        Endpoint[][] pages = grown.Length <= PageSize
            ? WithPage(pageIndex, grown)
            : WithPage(pageIndex, grown[..(PageSize / 2)], grown[(PageSize / 2)..]);
        return new EndpointSet(pages, Count + 1, _unlike + Unlike(endpoint));
    }

    public EndpointSet Remove(string workloadUid)
    {
        Endpoint? present = Find(workloadUid);
        if (present is null)
        {
            return this;
        }

        if (Count == 1)
        {
            return Empty;
        }

        int pageIndex = PageOf(workloadUid);
        Endpoint[] left = Array.FindAll(_pages[pageIndex], endpoint => endpoint != present);
        Endpoint[][] pages = left.Length == 0 ? WithPage(pageIndex) : WithPage(pageIndex, left);
        return new EndpointSet(pages, Count - 1, _unlike - Unlike(present));
    }

    private static int Unlike(Endpoint endpoint) => endpoint.Workload is { Capacity: 1 } ? 0 : 1;

    private static int IndexIn(Endpoint[] page, string workloadUid)
    {
        int low = 0;
        int high = page.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            int order = string.CompareOrdinal(page[middle].WorkloadUid, workloadUid);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }

    // The last page that starts at or before the uid; the first for what sorts before all.
    private int PageOf(string workloadUid)
    {
        int low = 0;
        int high = _pages.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            bool startsAfter = string.CompareOrdinal(_pages[middle][0].WorkloadUid, workloadUid) > 0;
            (low, high) = startsAfter ? (low, middle - 1) : (middle, high);
        }

        return low;
    }

    private Endpoint[][] WithPage(int index, params ReadOnlySpan<Endpoint[]> instead) =>
        [.. _pages.AsSpan(0, index), .. instead, .. _pages.AsSpan(index + 1)];
}
