using System.Globalization;

namespace Ztunnel.Lab;

/// <summary>What a process costs, from /proc.</summary>
public static class ProcessUsage
{
    private const double TicksPerSecond = 100; // USER_HZ of every Linux we run on

    /// <summary>Proportional set size: shared pages count by their share.</summary>
    public static long PssBytes(int process) => Kilobytes($"/proc/{process}/smaps_rollup", "Pss:");

    public static long RssBytes(int process) => Kilobytes($"/proc/{process}/status", "VmRSS:");

    /// <summary>User and system time of all its threads.</summary>
    public static TimeSpan CpuTime(int process)
    {
        string stat = File.ReadAllText($"/proc/{process}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' '); // the name may hold anything
        long ticks = Ticks(fields[11]) + Ticks(fields[12]);
        return TimeSpan.FromSeconds(ticks / TicksPerSecond);
    }

    public static int Descriptors(int process) => Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Count();

    /// <summary>Descriptors of network namespaces: what connections and watches come and go beside does not count.</summary>
    public static int Namespaces(int process) =>
        Shell.Run("sh", ["-c", $"stat -fLc %T /proc/{process}/fd/* || true"]).Split('\n').Count(type => type == "nsfs");

    private static long Ticks(string field) => long.Parse(field, CultureInfo.InvariantCulture);

    private static long Kilobytes(string path, string field)
    {
        string line = File.ReadLines(path).First(candidate => candidate.StartsWith(field, StringComparison.Ordinal));
        string number = line[field.Length..].Trim().Split(' ')[0];
        return long.Parse(number, CultureInfo.InvariantCulture) * 1024;
    }
}
