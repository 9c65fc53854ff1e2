namespace Ztunnel.Config;

/// <summary>
/// What this proxy reads of Istio's ProxyConfig: from the mesh file's <c>defaultConfig</c> and then, field by field
/// stronger, from <c>PROXY_CONFIG</c>. Fields it does not know belong to other proxies and are left alone.
/// </summary>
internal sealed record ProxyConfigDocument
{
    public static ProxyConfigDocument Empty { get; } = new();

    public string? DiscoveryAddress { get; init; }

    public ushort? ProxyAdminPort { get; init; }

    public ushort? StatsPort { get; init; }

    public ushort? Concurrency { get; init; }

    public IReadOnlyDictionary<string, string> ProxyMetadata { get; init; } = new Dictionary<string, string>();

    /// <param name="meshFile">May be absent.</param>
    public static ProxyConfigDocument From(EnvironmentReader env, string meshFile)
    {
        ProxyConfigDocument ofMesh = Empty;
        try
        {
            if (File.Exists(meshFile))
            {
                ofMesh = Read(File.ReadAllText(meshFile), meshFile, "defaultConfig");
            }
        }
        catch (Exception failure) when (failure is ConfigException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigException(
                $"error parsing proxy config: failed parsing mesh config file {meshFile}: {failure.Message}");
        }

        string? ofEnvironment = env.NonEmpty("PROXY_CONFIG");
        if (ofEnvironment is null)
        {
            return ofMesh;
        }

        try
        {
            return ofMesh.With(Read(ofEnvironment, "PROXY_CONFIG", key: null));
        }
        catch (ConfigException failure)
        {
            throw new ConfigException($"error parsing proxy config: failed parsing proxy config env: {failure.Message}");
        }
    }

    private static ProxyConfigDocument Read(string text, string source, string? key)
    {
        YamlValue? document = YamlValue.Parse(text, source);
        if (key is not null && document is { IsNull: false })
        {
            document = document.AsMap().Optional(key);
        }

        if (document is null or { IsNull: true })
        {
            return Empty;
        }

        YamlMap map = document.AsMap();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((YamlValue name, YamlValue value) in map.Optional("proxyMetadata")?.AsMap().Fields ?? [])
        {
            metadata[name.AsScalarText()] = value.AsScalarText();
        }

        return new ProxyConfigDocument
        {
            DiscoveryAddress = map.Optional("discoveryAddress")?.AsText(),
            ProxyAdminPort = map.Optional("proxyAdminPort")?.AsPort(),
            StatsPort = map.Optional("statsPort")?.AsPort(),
            Concurrency = map.Optional("concurrency")?.AsPort(),
            ProxyMetadata = metadata,
        };
    }

    private ProxyConfigDocument With(ProxyConfigDocument stronger)
    {
        var metadata = new Dictionary<string, string>(ProxyMetadata, StringComparer.Ordinal);
        foreach ((string name, string value) in stronger.ProxyMetadata)
        {
            metadata[name] = value;
        }

        return new ProxyConfigDocument
        {
            DiscoveryAddress = stronger.DiscoveryAddress ?? DiscoveryAddress,
            ProxyAdminPort = stronger.ProxyAdminPort ?? ProxyAdminPort,
            StatsPort = stronger.StatsPort ?? StatsPort,
            Concurrency = stronger.Concurrency ?? Concurrency,
            ProxyMetadata = metadata,
        };
    }
}
