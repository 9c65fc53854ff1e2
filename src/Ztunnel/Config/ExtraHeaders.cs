namespace Ztunnel.Config;

/// <summary>Extra request metadata for a control-plane call, from variables <c>PREFIX_name</c>.</summary>
internal static class ExtraHeaders
{
    /// <summary>Names in lower case; underscores are kept.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> From(EnvironmentReader env, string prefix)
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach ((string variable, string value) in env.StartingWith(prefix))
        {
            string name = variable[prefix.Length..].ToLowerInvariant();
            if (!IsName(name))
            {
                throw new ConfigException($"failed to parse header key: {variable}");
            }

            if (!IsValue(value)) // the value stays out of the message: it may well be a secret
            {
                throw new ConfigException($"failed to parse header value: {variable} (not visible ASCII)");
            }

            headers.Add(new(name, value));
        }

        return headers;
    }

    // gRPC reads "-bin" as base64, which the text here is not.
    private static bool IsName(string name) =>
        name.Length > 0
        && !name.EndsWith("-bin", StringComparison.Ordinal)
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');

    private static bool IsValue(string value) => value.All(c => c is >= ' ' and <= '~');
}
