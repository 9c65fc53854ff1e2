using System.Text;

namespace Ztunnel.Hbone.Http2.Hpack;

/// <summary>RFC 7541 appendix A. Indices start at 1.</summary>
internal static class StaticTable
{
    public const int Count = 61;

    public const int AuthorityName = 1;
    public const int MethodName = 2;
    public const int StatusName = 8;

    private static readonly (byte[] Name, byte[] Value)[] Entries = Parse(
        ":authority|:method=GET|:method=POST|:path=/|:path=/index.html|:scheme=http|:scheme=https|:status=200|"
        + ":status=204|:status=206|:status=304|:status=400|:status=404|:status=500|accept-charset|"
        + "accept-encoding=gzip, deflate|accept-language|accept-ranges|accept|access-control-allow-origin|age|allow|"
        + "authorization|cache-control|content-disposition|content-encoding|content-language|content-length|"
        + "content-location|content-range|content-type|cookie|date|etag|expect|expires|from|host|if-match|"
        + "if-modified-since|if-none-match|if-range|if-unmodified-since|last-modified|link|location|max-forwards|"
        + "proxy-authenticate|proxy-authorization|range|referer|refresh|retry-after|server|set-cookie|"
        + "strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate");

    public static ReadOnlySpan<byte> Name(int index) => Entries[index - 1].Name;

    public static ReadOnlySpan<byte> Value(int index) => Entries[index - 1].Value;

    /// <summary>The index of this very status, or 0.</summary>
    public static int IndexOfStatus(int status) => status switch
    {
        200 => 8,
        204 => 9,
        206 => 10,
        304 => 11,
        400 => 12,
        404 => 13,
        500 => 14,
        _ => 0,
    };

    private static (byte[] Name, byte[] Value)[] Parse(string table) =>
        [.. table.Split('|').Select(static line =>
        {
            int equals = line.IndexOf('=');
            return equals < 0
                ? (Encoding.ASCII.GetBytes(line), Array.Empty<byte>())
                : (Encoding.ASCII.GetBytes(line[..equals]), Encoding.ASCII.GetBytes(line[(equals + 1)..]));
        })];
}
