using Microsoft.Extensions.Logging;

namespace Ztunnel.Telemetry;

/// <summary>
/// The six level names of filters and lines. <see cref="LogLevel.None"/> is <c>off</c>; critical is printed as error.
/// </summary>
internal static class LogLevels
{
    private static readonly string[] s_names = ["trace", "debug", "info", "warn", "error", "error", "off"];

    public static string Name(this LogLevel level) => s_names[(int)level];

    public static ReadOnlySpan<byte> Utf8Name(this LogLevel level) => level switch
    {
        LogLevel.Trace => "trace"u8,
        LogLevel.Debug => "debug"u8,
        LogLevel.Information => "info"u8,
        LogLevel.Warning => "warn"u8,
        _ => "error"u8,
    };

    /// <summary>Exactly one of the names, as <c>/logging</c> takes it.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out LogLevel level)
    {
        foreach (LogLevel candidate in (ReadOnlySpan<LogLevel>)
            [LogLevel.Trace, LogLevel.Debug, LogLevel.Information, LogLevel.Warning, LogLevel.Error, LogLevel.None])
        {
            if (text.SequenceEqual(candidate.Name()))
            {
                level = candidate;
                return true;
            }
        }

        level = LogLevel.None;
        return false;
    }

    /// <summary>As <c>RUST_LOG</c> takes it: any case, or a digit from 0 (off) to 5 (trace).</summary>
    public static bool TryParseLenient(ReadOnlySpan<char> text, out LogLevel level)
    {
        if (text is [>= '0' and <= '5'])
        {
            level = text[0] == '0' ? LogLevel.None : (LogLevel)('5' - text[0]);
            return true;
        }

        Span<char> lower = stackalloc char[8];
        int length = text.Length > lower.Length ? -1 : text.ToLowerInvariant(lower);
        level = LogLevel.None;
        return length > 0 && TryParse(lower[..length], out level);
    }
}
