using System.Globalization;
using System.Runtime.InteropServices;

namespace Ztunnel.Lab;

/// <summary>What a process costs, by the kernel's account.</summary>
public static partial class ProcessUsage
{
    /// <summary>Proportional set size: shared pages count by their share.</summary>
    public static long PssBytes(int process) => Kilobytes($"/proc/{process}/smaps_rollup", "Pss:");

    public static long RssBytes(int process) => Kilobytes($"/proc/{process}/status", "VmRSS:");

    /// <summary>
    /// User and system time of all its threads, of those that ended too, from its CPU clock: /proc/pid/stat has hundredths
    /// of a second (clock_getcpuclockid(3)).
    /// </summary>
    /// <exception cref="LabException">There is no such process.</exception>
    public static TimeSpan CpuTime(int process)
    {
        if (clock_getcpuclockid(process, out int clock) != 0 || clock_gettime(clock, out Timespec used) != 0)
        {
            throw new LabException($"process {process} is gone");
        }

        return TimeSpan.FromSeconds(used.Seconds) + TimeSpan.FromMicroseconds(used.Nanoseconds / 1000.0);
    }

    public static int Descriptors(int process) => Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Count();

    /// <summary>Descriptors of network namespaces: what connections and watches come and go beside does not count.</summary>
    public static int Namespaces(int process) =>
        Shell.Run("sh", ["-c", $"stat -fLc %T /proc/{process}/fd/* || true"]).Split('\n').Count(type => type == "nsfs");

    private static long Kilobytes(string path, string field)
    {
        string line = File.ReadLines(path).First(candidate => candidate.StartsWith(field, StringComparison.Ordinal));
        string number = line[field.Length..].Trim().Split(' ')[0];
        return long.Parse(number, CultureInfo.InvariantCulture) * 1024;
    }

    [LibraryImport("libc")]
    private static partial int clock_getcpuclockid(int pid, out int clock);

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, out Timespec time);

    // struct timespec, on 64 bits.
    private readonly struct Timespec
    {
        public readonly long Seconds;
        public readonly long Nanoseconds;
    }
}
