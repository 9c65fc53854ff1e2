using System.Globalization;

namespace Ztunnel.Lab;

/// <summary>Takes labs away by the names they gave: <c>zlab{process}-{n}-…</c>, folders and namespaces alike.</summary>
internal static class LabSweep
{
    public const string Prefix = "zlab";

    private const string NamespaceFolder = "/var/run/netns";

    /// <summary>What processes that are no more could not take away themselves.</summary>
    public static void RemoveStale()
    {
        IEnumerable<string> names = Names(NamespaceFolder).Concat(Names(Path.GetTempPath()));
        foreach (string process in names.Select(OwnerOf).OfType<string>().Distinct().ToList())
        {
            if (!Directory.Exists($"/proc/{process}"))
            {
                Remove($"{Prefix}{process}-");
            }
        }
    }

    public static void Remove(string prefix)
    {
        foreach (string netns in Names(NamespaceFolder).Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).ToList())
        {
            KillProcessesIn(netns);
            Shell.Run("ip", ["netns", "del", netns]);
        }

        foreach (string folder in Names(Path.GetTempPath()).Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).ToList())
        {
            Directory.Delete(Path.Combine(Path.GetTempPath(), folder), recursive: true);
        }
    }

    private static void KillProcessesIn(string netns)
    {
        string[] processes = Shell.Run("ip", ["netns", "pids", netns])
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (processes.Length > 0)
        {
            // One may be gone before its turn: that is what is wanted.
            Shell.TryRunAsync("kill", ["-KILL", .. processes]).GetAwaiter().GetResult();
        }
    }

    private static string? OwnerOf(string name)
    {
        string rest = name[Prefix.Length..];
        int dash = rest.IndexOf('-', StringComparison.Ordinal);
        return dash > 0 && int.TryParse(rest[..dash], CultureInfo.InvariantCulture, out _) ? rest[..dash] : null;
    }

    private static IEnumerable<string> Names(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFileSystemEntries(folder, Prefix + "*").Select(path => Path.GetFileName(path))
        : [];
}
