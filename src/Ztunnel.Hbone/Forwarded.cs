namespace Ztunnel.Hbone;

/// <summary>The <c>forwarded</c> header (RFC 7239) as HBONE uses it.</summary>
public static class Forwarded
{
    /// <param name="source">The downstream address as <c>ip:port</c> or <c>[ip]:port</c>.</param>
    /// <param name="host">The intended service, if known.</param>
    public static string Format(string source, string? host) =>
        host is null ? $"for=\"{source}\"" : $"for=\"{source}\";host={host}";

    /// <summary>The service the client meant, or null.</summary>
    public static string? ParseHost(string value) => throw new NotImplementedException();
}
