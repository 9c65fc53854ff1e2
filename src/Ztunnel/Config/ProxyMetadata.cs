using System.Text.Json;

namespace Ztunnel.Config;

/// <summary>What the control plane is told about this proxy, and where the DNS settings come from.</summary>
internal sealed record ProxyMetadata
{
    private const string Prefix = "ISTIO_META_";
    private const string JsonPrefix = "ISTIO_METAJSON_";

    public static ProxyMetadata Empty { get; } = new();

    /// <summary>By name, in order of name.</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new SortedDictionary<string, string>();

    /// <summary>JSON texts (<c>ISTIO_METAJSON_*</c>) by name.</summary>
    public IReadOnlyDictionary<string, string> JsonValues { get; init; } = new SortedDictionary<string, string>();

    /// <summary>Variables that were left out because their value is not JSON.</summary>
    public IReadOnlyList<string> InvalidJson { get; init; } = [];

    public static ProxyMetadata From(EnvironmentReader env, ProxyConfigDocument document)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string value) in document.ProxyMetadata)
        {
            values[name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : name] = value;
        }

        foreach ((string name, string value) in env.StartingWith(Prefix))
        {
            string key = name;
            while (key.StartsWith(Prefix, StringComparison.Ordinal))
            {
                key = key[Prefix.Length..];
            }

            values[key] = value;
        }

        var json = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var invalid = new List<string>();
        foreach ((string name, string value) in env.StartingWith(JsonPrefix))
        {
            if (IsJson(value))
            {
                json[name[JsonPrefix.Length..]] = value;
            }
            else
            {
                invalid.Add(name);
            }
        }

        return new ProxyMetadata { Values = values, JsonValues = json, InvalidJson = invalid };
    }

    private static bool IsJson(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
