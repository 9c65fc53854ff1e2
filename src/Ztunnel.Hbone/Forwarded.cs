using System.Text;

namespace Ztunnel.Hbone;

/// <summary>The <c>forwarded</c> header (RFC 7239) as HBONE uses it.</summary>
public static class Forwarded
{
    /// <param name="source">The downstream address as <c>ip:port</c> or <c>[ip]:port</c>.</param>
    /// <param name="host">The intended service, if known; never quoted.</param>
    public static string Format(string source, string? host) =>
        host is null ? $"for=\"{source}\"" : $"for=\"{source}\";host={host}";

    /// <summary>The service the client meant, or null. Commas are not interpreted.</summary>
    public static string? ParseHost(string value)
    {
        if (!Ascii.IsValid(value))
        {
            return null;
        }

        foreach (Range part in value.AsSpan().Split(';'))
        {
            ReadOnlySpan<char> element = value.AsSpan(part).Trim();
            if (element.StartsWith("host=", StringComparison.Ordinal))
            {
                ReadOnlySpan<char> host = element["host=".Length..];
                host = host.StartsWith('"') ? host[1..] : host;
                host = host.EndsWith('"') ? host[..^1] : host;
                return host.IsEmpty ? null : host.ToString();
            }
        }

        return null;
    }
}
