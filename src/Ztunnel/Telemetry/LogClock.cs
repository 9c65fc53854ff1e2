using System.Globalization;

namespace Ztunnel.Telemetry;

/// <summary>UTC with microseconds, as every line starts. The date is formatted once per second and thread.</summary>
internal static class LogClock
{
    /// <summary><c>2026-05-01T08:00:01.000123Z</c>.</summary>
    public const int Length = 27;

    private const int PrefixLength = 20; // up to and with the dot

    [ThreadStatic]
    private static byte[]? t_prefix;

    [ThreadStatic]
    private static long t_second;

    public static void Write(DateTimeOffset now, Span<byte> destination)
    {
        long ticks = now.UtcTicks;
        long second = ticks / TimeSpan.TicksPerSecond;
        byte[] prefix = t_prefix ??= new byte[PrefixLength];
        if (second != t_second)
        {
            new DateTime(ticks, DateTimeKind.Utc)
                .TryFormat(prefix, out _, "yyyy-MM-ddTHH:mm:ss.", CultureInfo.InvariantCulture);
            t_second = second;
        }

        prefix.CopyTo(destination);
        int micros = (int)(ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond);
        for (int digit = LogClock.Length - 2; digit >= PrefixLength; digit--)
        {
            destination[digit] = (byte)('0' + (micros % 10));
            micros /= 10;
        }

        destination[LogClock.Length - 1] = (byte)'Z';
    }
}
