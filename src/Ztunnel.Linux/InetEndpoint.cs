using System.Globalization;

namespace Ztunnel.Linux;

/// <summary>An address and a TCP or UDP port (0–65535), as a value.</summary>
public readonly record struct InetEndpoint(InetAddress Address, ushort Port) : ISpanFormattable
{
    public InetEndpoint Canonical() => new(Address.Canonical(), Port);

    /// <summary><c>a.b.c.d:port</c> or <c>[v6]:port</c>; a name, a missing port or a blank is refused.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out InetEndpoint endpoint)
    {
        endpoint = default;
        int colon = text.LastIndexOf(':');
        if (colon < 1 || !ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            return false;
        }

        ReadOnlySpan<char> host = text[..colon];
        bool bracketed = host.Length > 2 && host[0] == '[' && host[^1] == ']';
        if (!InetAddress.TryParse(bracketed ? host[1..^1] : host, out InetAddress address) || address.IsV6 != bracketed)
        {
            return false;
        }

        endpoint = new InetEndpoint(address, port);
        return true;
    }

    public static InetEndpoint Parse(string text) => TryParse(text, out InetEndpoint endpoint)
        ? endpoint
        : throw new FormatException($"not an address and port: {text}");

    public override string ToString()
    {
        Span<char> text = stackalloc char[72];
        TryFormat(text, out int written, default, null);
        return new string(text[..written]);
    }

    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        Address.IsV6
            ? destination.TryWrite($"[{Address}]:{Port}", out charsWritten)
            : destination.TryWrite($"{Address}:{Port}", out charsWritten);
}
