using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Ztunnel.Telemetry;

/// <summary>
/// Which scopes log at which level. Immutable. A directive applies to every scope that starts with its target as a
/// plain string; the longest such target wins; what no target matches has the bare level.
/// </summary>
internal sealed class LogFilter
{
    // Operators' tools compare the whole answer of /logging, so the reference's first directive stays in it.
    private const string BaseTarget = "hickory_server::server";

    private static readonly SearchValues<char> s_notInTargets = SearchValues.Create(" \t\"'[]{}=");

    private readonly Directive[] _directives; // longest target first

    private LogFilter(Directive[] directives, LogLevel bare)
    {
        (_directives, Bare) = (directives, bare);
        Array.Sort(_directives, static (left, right) => right.Target.Length != left.Target.Length
            ? right.Target.Length.CompareTo(left.Target.Length)
            : string.CompareOrdinal(right.Target, left.Target));
    }

    /// <summary>Info for everything.</summary>
    public static LogFilter Default { get; } =
        new([new Directive(BaseTarget, LogLevel.None)], LogLevel.Information);

    /// <summary>The level of scopes no directive names.</summary>
    public LogLevel Bare { get; }

    /// <summary>
    /// A start-up filter (<c>RUST_LOG</c>): any case, digits, and a target alone for all of its lines.
    /// </summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out LogFilter? filter, out string error)
    {
        filter = Default;
        error = "";
        foreach (Range part in text.AsSpan().Split(','))
        {
            ReadOnlySpan<char> clause = text.AsSpan(part).Trim();
            if (!clause.IsEmpty && !filter.TryAdd(clause, lenient: true, out filter))
            {
                error = $"invalid directive: {clause}";
                filter = null;
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// This filter with the clauses of a <c>level=</c> parameter: levels in lower case, <c>target=level</c> or
    /// <c>target:level</c>. What they do not name stays.
    /// </summary>
    public bool TryWith(ReadOnlySpan<char> level, [NotNullWhen(true)] out LogFilter? changed)
    {
        changed = this;
        foreach (Range part in level.Split(','))
        {
            if (!changed.TryAdd(level[part].Trim(), lenient: false, out changed))
            {
                return false;
            }
        }

        return true;
    }

    /// <param name="isNamed">Whether a directive names the scope, so that the level was meant for it.</param>
    public LogLevel LevelOf(string scope, out bool isNamed)
    {
        foreach (Directive directive in _directives)
        {
            if (scope.StartsWith(directive.Target, StringComparison.Ordinal))
            {
                isNamed = true;
                return directive.Level;
            }
        }

        isNamed = false;
        return Bare;
    }

    public override string ToString() =>
        string.Join(',', [.. _directives.Select(static d => $"{d.Target}={d.Level.Name()}"), Bare.Name()]);

    private bool TryAdd(ReadOnlySpan<char> clause, bool lenient, [NotNullWhen(true)] out LogFilter? changed)
    {
        changed = null;
        if (TryLevel(clause, lenient, out LogLevel level))
        {
            changed = new LogFilter([.. _directives], level);
            return true;
        }

        int separator = LastSingleSeparator(clause);
        ReadOnlySpan<char> target = separator < 0 ? clause : clause[..separator];
        if (separator < 0)
        {
            level = LogLevel.Trace;
        }

        bool isLevel = separator < 0 ? lenient : TryLevel(clause[(separator + 1)..], lenient, out level);
        if (!isLevel || !IsTarget(target))
        {
            return false;
        }

        string name = target.ToString();
        changed = new LogFilter([.. _directives.Where(d => d.Target != name), new Directive(name, level)], Bare);
        return true;
    }

    private static bool TryLevel(ReadOnlySpan<char> text, bool lenient, out LogLevel level) =>
        lenient ? LogLevels.TryParseLenient(text, out level) : LogLevels.TryParse(text, out level);

    // Scopes are full of "::", which never separates.
    private static int LastSingleSeparator(ReadOnlySpan<char> clause)
    {
        for (int at = clause.Length - 1; at >= 0; at--)
        {
            if (clause[at] == '=')
            {
                return at;
            }

            if (clause[at] == ':')
            {
                if (at == 0 || clause[at - 1] != ':')
                {
                    return at;
                }

                at--;
            }
        }

        return -1;
    }

    // Spans and fields of the reference's grammar ("target[span{field=value}]") mean nothing here: refused, not
    // ignored.
    private static bool IsTarget(ReadOnlySpan<char> text) =>
        !text.IsEmpty && !text.ContainsAny(s_notInTargets) && !text.EndsWith(":");

    private readonly record struct Directive(string Target, LogLevel Level);
}
