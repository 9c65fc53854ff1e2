using System.Globalization;

namespace Ztunnel.Telemetry;

/// <summary>What /proc says of this process.</summary>
internal static class ProcessFigures
{
    public static long OpenDescriptors()
    {
        try
        {
            // Less the descriptor the listing itself needs.
            return Directory.EnumerateFileSystemEntries("/dev/fd").LongCount() - 1;
        }
        catch (IOException)
        {
            return 0; // a descriptor closed under the listing; the next scrape has it
        }
    }

    public static long Threads() => Field("/proc/self/status", "Threads:");

    public static DateTimeOffset StartTime(TimeProvider time)
    {
        TimeSpan uptime = TimeSpan.FromMilliseconds(Environment.TickCount64);
        const double TicksPerSecond = 100; // USER_HZ, the same on every platform we run on
        string stat = File.ReadAllText("/proc/self/stat");

        // The name, in parentheses, may contain blanks; field 22 is the 20th behind it.
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        double startedAfterBoot = double.Parse(fields[19], CultureInfo.InvariantCulture) / TicksPerSecond;
        return time.GetUtcNow() - uptime + TimeSpan.FromSeconds(startedAfterBoot);
    }

    private static long Field(string file, string name)
    {
        foreach (string line in File.ReadLines(file))
        {
            if (line.StartsWith(name, StringComparison.Ordinal))
            {
                ReadOnlySpan<char> value = line.AsSpan(name.Length).Trim();
                int end = value.IndexOf(' ');
                return long.Parse(end < 0 ? value : value[..end], CultureInfo.InvariantCulture);
            }
        }

        return 0;
    }
}
