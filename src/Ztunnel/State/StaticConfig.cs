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

    /// <summary>Replaces what the previous version of the document said, and nothing that came from elsewhere.</summary>
    /// <param name="known">Holds the very objects of the previous version, unless something else took their place.</param>
    public MeshUpdate ToUpdate(StaticConfig previous, MeshSnapshot known)
    {
        MeshUpdate update = new();
        RemoveOwn(previous, known, update);
        HashSet<object> own = [.. previous.Workloads, .. previous.Services, .. previous.Policies];
        bool IsFree(object? present) => present is null || own.Contains(present);
        foreach (Workload workload in Workloads.Where(workload => IsFree(known.FindWorkload(workload.Uid))))
        {
            update.Set(workload);
        }

        foreach (Service service in Services.Where(service => IsFree(known.FindService(service.Key))))
        {
            update.Set(service);
        }

        foreach (Authorization policy in Policies.Where(policy => IsFree(known.Policies.Find(policy.Key))))
        {
            update.Set(policy);
        }

        return update;
    }

    // What is still in the document is set again afterwards, in the same batch: no reader sees it missing.
    private static void RemoveOwn(StaticConfig previous, MeshSnapshot known, MeshUpdate update)
    {
        foreach (Workload workload in previous.Workloads.Where(own => known.FindWorkload(own.Uid) == own))
        {
            update.RemoveWorkload(workload.Uid);
        }

        foreach (Service service in previous.Services.Where(own => known.FindService(own.Key) == own))
        {
            update.RemoveService(service.Key);
        }

        foreach (Authorization policy in previous.Policies.Where(own => known.Policies.Find(own.Key) == own))
        {
            update.RemovePolicy(policy.Key);
        }
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
