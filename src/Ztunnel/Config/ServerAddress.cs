namespace Ztunnel.Config;

/// <summary>Reads the address of a control-plane server: <c>https</c> unless it says otherwise, path dropped.</summary>
internal static class ServerAddress
{
    public static Uri Parse(string variable, string text)
    {
        string withScheme = text.Contains("://", StringComparison.Ordinal) ? text : $"https://{text}";
        if (!Uri.TryCreate(withScheme, UriKind.Absolute, out Uri? uri) || uri.Host.Length == 0)
        {
            throw ConfigException.BadUri(variable, text, "not an address such as istiod.istio-system.svc:15012");
        }

        return uri.Scheme is "http" or "https"
            ? new Uri($"{uri.Scheme}://{uri.Authority}")
            : throw ConfigException.BadUri(variable, text, $"scheme {uri.Scheme} is neither https nor http");
    }
}
