using System.Buffers;

namespace Ztunnel.Hbone;

/// <summary>What RFC 9113 §8.2 and RFC 3986 §3.2 allow in fields; anything else makes a message malformed.</summary>
internal static class HeaderRules
{
    private static readonly SearchValues<byte> AuthorityOctets = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@[]%"u8);

    private static readonly SearchValues<byte> ForbiddenInValue = SearchValues.Create([0, (byte)'\r', (byte)'\n']);

    // Everything above 0x20 and below 0x7f, without upper case and colon.
    private static readonly SearchValues<byte> NameOctets = SearchValues.Create(
        [.. Enumerable.Range(0x21, 0x7f - 0x21).Select(static c => (byte)c)
            .Where(static c => c != (byte)':' && !char.IsAsciiLetterUpper((char)c))]);

    // RFC 9110 §5.6.2; a method is one.
    private static readonly SearchValues<byte> TokenOctets = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~"u8);

    public static bool IsToken(ReadOnlySpan<byte> value) => !value.IsEmpty && value.IndexOfAnyExcept(TokenOctets) < 0;

    public static bool IsName(ReadOnlySpan<byte> name) => !name.IsEmpty && name.IndexOfAnyExcept(NameOctets) < 0;

    public static bool IsValue(ReadOnlySpan<byte> value) =>
        value.IsEmpty || (!IsBlank(value[0]) && !IsBlank(value[^1]) && value.IndexOfAny(ForbiddenInValue) < 0);

    /// <summary>Fields that speak of an HTTP/1.1 connection (§8.2.2).</summary>
    public static bool IsConnectionSpecific(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => name.Length switch
    {
        2 => name.SequenceEqual("te"u8) && !value.SequenceEqual("trailers"u8),
        7 => name.SequenceEqual("upgrade"u8),
        10 => name.SequenceEqual("connection"u8) || name.SequenceEqual("keep-alive"u8),
        16 => name.SequenceEqual("proxy-connection"u8),
        17 => name.SequenceEqual("transfer-encoding"u8),
        _ => false,
    };

    public static bool IsAuthority(ReadOnlySpan<byte> value) =>
        !value.IsEmpty && value.IndexOfAnyExcept(AuthorityOctets) < 0;

    private static bool IsBlank(byte octet) => octet is (byte)' ' or (byte)'\t';
}
