using System.Globalization;
using Ztunnel.Linux;

namespace Ztunnel.State;

/// <summary>A range of addresses. An IPv4 range never holds an IPv6 address, nor the reverse.</summary>
internal readonly record struct Cidr
{
    private readonly UInt128 _mask;

    /// <exception cref="ArgumentOutOfRangeException">The prefix is longer than the address.</exception>
    public Cidr(InetAddress address, int prefixLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(prefixLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prefixLength, address.BitLength);
        Address = address;
        PrefixLength = prefixLength;
        _mask = Mask(address.BitLength, prefixLength);
    }

    /// <summary>As written; bits behind the prefix may be set and are ignored.</summary>
    public InetAddress Address { get; }

    public int PrefixLength { get; }

    /// <summary>The range's first address.</summary>
    public InetAddress Start => Truncate(Address, PrefixLength);

    public bool IsSingleAddress => PrefixLength == Address.BitLength;

    public bool Contains(InetAddress address) =>
        address.IsV4 == Address.IsV4 && ((address.Bits ^ Address.Bits) & _mask) == UInt128.Zero;

    /// <summary>The address with everything behind the prefix cleared.</summary>
    public static InetAddress Truncate(InetAddress address, int prefixLength)
    {
        UInt128 bits = address.Bits & Mask(address.BitLength, prefixLength);
        return address.IsV4 ? InetAddress.V4((uint)bits) : InetAddress.V6(bits);
    }

    /// <summary><c>address/length</c>; the length is required.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Cidr cidr)
    {
        cidr = default;
        int slash = text.IndexOf('/');
        if (slash < 0
            || !InetAddress.TryParse(text[..slash], out InetAddress address)
            || !byte.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out byte length)
            || length > address.BitLength)
        {
            return false;
        }

        cidr = new Cidr(address, length);
        return true;
    }

    public override string ToString() => $"{Address}/{PrefixLength}";

    // A shift by the full width is a shift by none in C#, hence the special case.
    private static UInt128 Mask(int bitLength, int prefixLength) => prefixLength == 0
        ? UInt128.Zero
        : UInt128.MaxValue << (bitLength - prefixLength);
}
