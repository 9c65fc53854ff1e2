using System.Buffers.Binary;
using System.Net;

namespace Ztunnel.Linux;

/// <summary>
/// An IPv4 or IPv6 address as a value: compared, hashed and carried without an allocation.
/// IPv4-mapped IPv6 (<c>::ffff:a.b.c.d</c>) becomes IPv4 when read from a socket (see <see cref="Canonical"/>).
/// </summary>
public readonly record struct InetAddress : IComparable<InetAddress>, ISpanFormattable
{
    // Two halves: a UInt128 is aligned to 16 bytes, which would make this 32 bytes instead of 24, and a mesh holds
    // hundreds of thousands of them.
    private readonly ulong _high;
    private readonly ulong _low; // an IPv4 address in its low 32 bits
    private readonly bool _isV6;

    private InetAddress(UInt128 bits, bool isV6) => (_high, _low, _isV6) = ((ulong)(bits >> 64), (ulong)bits, isV6);

    public static InetAddress LoopbackV4 { get; } = V4(0x7F00_0001);
    public static InetAddress LoopbackV6 { get; } = V6(UInt128.One);
    public static InetAddress AnyV4 => V4(0);
    public static InetAddress AnyV6 => V6(UInt128.Zero);

    public bool IsV4 => !_isV6;
    public bool IsV6 => _isV6;
    public bool IsLoopback => _isV6 ? Bits == UInt128.One : ((uint)_low >> 24) == 127;
    public bool IsUnspecified => (_high | _low) == 0;

    /// <summary>32 or 128.</summary>
    public int BitLength => _isV6 ? 128 : 32;

    /// <summary>The address as a number, most significant bit first; an IPv4 address fills the low 32 bits.</summary>
    public UInt128 Bits => new(_high, _low);

    public static InetAddress V4(uint hostOrder) => new(hostOrder, isV6: false);

    public static InetAddress V6(UInt128 hostOrder) => new(hostOrder, isV6: true);

    /// <param name="networkOrder">4 or 16 bytes, as on the wire.</param>
    public static InetAddress FromBytes(ReadOnlySpan<byte> networkOrder) => networkOrder.Length switch
    {
        4 => V4(BinaryPrimitives.ReadUInt32BigEndian(networkOrder)),
        16 => V6(BinaryPrimitives.ReadUInt128BigEndian(networkOrder)),
        _ => throw new ArgumentException($"an address has 4 or 16 bytes, not {networkOrder.Length}", nameof(networkOrder)),
    };

    /// <summary>Writes 4 or 16 bytes in network order; returns how many.</summary>
    public int WriteTo(Span<byte> networkOrder)
    {
        if (_isV6)
        {
            BinaryPrimitives.WriteUInt128BigEndian(networkOrder, Bits);
            return 16;
        }

        BinaryPrimitives.WriteUInt32BigEndian(networkOrder, (uint)_low);
        return 4;
    }

    /// <summary>IPv4 for an IPv4-mapped IPv6 address, itself otherwise.</summary>
    public InetAddress Canonical() => _isV6 && _high == 0 && (_low >> 32) == 0xFFFF ? V4((uint)_low) : this;

    public static bool TryParse(ReadOnlySpan<char> text, out InetAddress address)
    {
        address = default;
        // IPAddress also takes "1", "0x7f.1", "1.2.3" and scope ids; a mesh address is written in full.
        if (text.IsEmpty || text.Contains('%') || !IPAddress.TryParse(text, out IPAddress? parsed))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[16];
        parsed.TryWriteBytes(bytes, out int length);
        address = FromBytes(bytes[..length]);
        return length == 16 ? text.Contains(':') && text[0] != '[' : IsDottedQuad(text);
    }

    public static InetAddress Parse(string text) => TryParse(text, out InetAddress address)
        ? address
        : throw new FormatException($"not an IP address: {text}");

    public static InetAddress From(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int length);
        return FromBytes(bytes[..length]);
    }

    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        return new IPAddress(bytes[..WriteTo(bytes)]);
    }

    public bool Equals(InetAddress other) => _low == other._low && _high == other._high && _isV6 == other._isV6;

    // Seeded anew in every process, which what the compiler writes is not: tables are keyed by addresses peers choose.
    public override int GetHashCode() => HashCode.Combine(_low, _high, _isV6);

    public int CompareTo(InetAddress other) =>
        _isV6 == other._isV6 ? Bits.CompareTo(other.Bits) : _isV6.CompareTo(other._isV6);

    public static bool operator <(InetAddress left, InetAddress right) => left.CompareTo(right) < 0;

    public static bool operator >(InetAddress left, InetAddress right) => left.CompareTo(right) > 0;

    public static bool operator <=(InetAddress left, InetAddress right) => left.CompareTo(right) <= 0;

    public static bool operator >=(InetAddress left, InetAddress right) => left.CompareTo(right) >= 0;

    /// <summary>Dotted quad, or RFC 5952 text.</summary>
    public override string ToString()
    {
        Span<char> text = stackalloc char[64];
        TryFormat(text, out int written, default, null);
        return new string(text[..written]);
    }

    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        if (_isV6)
        {
            return ToIPAddress().TryFormat(destination, out charsWritten);
        }

        uint bits = (uint)_low;
        return destination.TryWrite($"{bits >> 24}.{(bits >> 16) & 255}.{(bits >> 8) & 255}.{bits & 255}", out charsWritten);
    }

    private static bool IsDottedQuad(ReadOnlySpan<char> text)
    {
        int parts = 1;
        int digits = 0;
        bool leadingZero = false;
        foreach (char c in text)
        {
            if (c == '.')
            {
                if (digits == 0)
                {
                    return false;
                }

                parts++;
                digits = 0;
            }
            else if (!char.IsAsciiDigit(c) || (digits == 1 && leadingZero))
            {
                return false;
            }
            else
            {
                leadingZero = digits == 0 && c == '0';
                digits++;
            }
        }

        return parts == 4 && digits > 0;
    }
}
