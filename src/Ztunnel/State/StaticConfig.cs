using Ztunnel.Config;

namespace Ztunnel.State;

/// <summary>The mesh as a file describes it (<c>LOCAL_XDS_PATH</c>, <c>LOCAL_XDS</c>): read once at start.</summary>
internal sealed record StaticConfig(Workload[] Workloads, Service[] Services, Authorization[] Policies)
{
    public static StaticConfig Empty { get; } = new([], [], []);

    /// <summary>Null when neither variable is set.</summary>
    /// <exception cref="ConfigException">Names the variable, the line and the field.</exception>
    public static StaticConfig? Load(ControlPlaneOptions options)
    {
        if (options.LocalConfigPath is not { } path)
        {
            return options.LocalConfigText is { } text ? Parse(text, "LOCAL_XDS") : null;
        }

        try
        {
            return Parse(File.ReadAllText(path), $"LOCAL_XDS_PATH={path}");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw ConfigException.BadVariable("LOCAL_XDS_PATH", path, failure.Message);
        }
    }

    /// <param name="text">YAML or JSON.</param>
    /// <param name="source">How messages call the document.</param>
    public static StaticConfig Parse(string text, string source)
    {
        YamlValue? document = YamlValue.Parse(text, source);
        if (document is null or { IsNull: true })
        {
            return Empty;
        }

        YamlMap map = document.AsMap();
        StaticConfig config = new(
            Unique(map.Optional("workloads"), WorkloadYaml.Read, workload => workload.Uid),
            Unique(map.Optional("services"), ServiceYaml.Read, service => service.Key.ToString()),
            Unique(map.Optional("policies"), PolicyYaml.Read, policy => policy.Key));
        map.RefuseOthers();
        return config;
    }

    /// <summary>Replaces everything known before.</summary>
    public MeshUpdate ToUpdate()
    {
        MeshUpdate update = new() { ReplacesAll = true };
        Array.ForEach(Workloads, workload => update.Set(workload));
        Array.ForEach(Services, service => update.Set(service));
        Array.ForEach(Policies, policy => update.Set(policy));
        return update;
    }

    // A second entry of one key would silently take the place of the first.
    private static T[] Unique<T>(YamlValue? list, Func<YamlValue, T> read, Func<T, string> keyOf)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        return list?.AsArray(item =>
        {
            T value = read(item);
            return keys.Add(keyOf(value)) ? value : throw item.Error($"'{keyOf(value)}' stands twice");
        }) ?? [];
    }
}
