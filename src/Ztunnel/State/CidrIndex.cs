using Ztunnel.Linux;

namespace Ztunnel.State;

/// <summary>
/// Services by address range: one hash entry per range, and per network the prefix lengths in use, so that a lookup
/// tries a handful of lengths however many ranges there are. Immutable.
/// </summary>
internal sealed class CidrIndex
{
    private readonly PersistentMap<Range, OneOrMany<Service>> _ranges;
    private readonly PersistentMap<Family, int[]> _uses; // ranges by prefix length

    private CidrIndex(PersistentMap<Range, OneOrMany<Service>> ranges, PersistentMap<Family, int[]> uses) =>
        (_ranges, _uses) = (ranges, uses);

    public static CidrIndex Empty { get; } =
        new(PersistentMap<Range, OneOrMany<Service>>.Empty, PersistentMap<Family, int[]>.Empty);

    /// <summary>Of the client's namespace first, then the longest prefix, then canonical, then the earliest.</summary>
    public Service? Find(NetworkAddress address, string? clientNamespace)
    {
        if (_ranges.Count == 0 || !_uses.TryGetValue(new Family(address.Network, address.Address.IsV6), out int[]? uses))
        {
            return null;
        }

        Service? best = null;
        for (int length = uses.Length - 1; length >= 0; length--)
        {
            if (uses[length] == 0)
            {
                continue;
            }

            var range = new Range(new NetworkAddress(address.Network, Cidr.Truncate(address.Address, length)), length);
            Service? found = BestOf(_ranges.GetValueOrDefault(range), clientNamespace, out bool isOwn);
            if (isOwn)
            {
                return found;
            }

            best ??= found;
        }

        return best;
    }

    /// <summary>Moves the ranges of a service from its old version to its new one; either may be missing.</summary>
    public CidrIndex Replace(Service? old, Service? replacement)
    {
        Range[] before = RangesOf(old);
        Range[] after = RangesOf(replacement);
        if (before.Length + after.Length == 0)
        {
            return this;
        }

        PersistentMap<Range, OneOrMany<Service>>.Builder ranges = _ranges.ToBuilder();
        PersistentMap<Family, int[]>.Builder uses = _uses.ToBuilder();
        foreach (Range gone in before.Except(after))
        {
            OneOrMany<Service> left = ranges.GetValueOrDefault(gone).Remove(old!);
            SetOrRemove(ranges, gone, left);
            Count(uses, gone, left.IsEmpty ? -1 : 0);
        }

        foreach (Range range in after)
        {
            OneOrMany<Service> present = ranges.GetValueOrDefault(range);
            ranges.Set(range, present.Replace(old, replacement!));
            Count(uses, range, present.IsEmpty ? 1 : 0);
        }

        return new CidrIndex(ranges.ToMap(), uses.ToMap());
    }

    // Of one range; the order is that of arrival.
    private static Service? BestOf(OneOrMany<Service> services, string? clientNamespace, out bool isOwn)
    {
        Service? best = null;
        isOwn = false;
        for (int i = 0; i < services.Count; i++)
        {
            Service service = services[i];
            bool own = string.Equals(service.Namespace, clientNamespace, StringComparison.Ordinal);
            bool outranks = best is null || (own && !isOwn) || (own == isOwn && service.Canonical && !best.Canonical);
            if (service.IsVisibleTo(clientNamespace) && outranks)
            {
                (best, isOwn) = (service, own);
            }
        }

        return best;
    }

    private static Range[] RangesOf(Service? service) => service is null or { CidrVips.Length: 0 }
        ? []
        : [.. service.CidrVips
            .Select(vip => new Range(new NetworkAddress(vip.Network, vip.Cidr.Start), vip.Cidr.PrefixLength))
            .Distinct()];

    private static void SetOrRemove(
        PersistentMap<Range, OneOrMany<Service>>.Builder ranges, Range range, OneOrMany<Service> services)
    {
        if (services.IsEmpty)
        {
            ranges.Remove(range);
        }
        else
        {
            ranges.Set(range, services);
        }
    }

    private static void Count(PersistentMap<Family, int[]>.Builder uses, Range range, int change)
    {
        if (change == 0)
        {
            return;
        }

        InetAddress start = range.Start.Address;
        var family = new Family(range.Start.Network, start.IsV6);
        int[] counts = uses.GetValueOrDefault(family)?.ToArray() ?? new int[start.BitLength + 1];
        counts[range.PrefixLength] += change;
        uses.Set(family, counts);
    }

    private readonly record struct Range(NetworkAddress Start, int PrefixLength);

    private readonly record struct Family(string Network, bool IsV6);
}
