using System.Collections;
using System.Globalization;

namespace Ztunnel.Config;

/// <summary>Reads typed values from the environment and refuses bad ones by the name the operator typed.</summary>
/// <param name="variables">A snapshot; the process's own environment is read once.</param>
internal sealed class EnvironmentReader(IReadOnlyDictionary<string, string> variables)
{
    private const string MalformedText = "\uFFFD"; // what became of bytes that are not UTF-8

    public static EnvironmentReader OfProcess()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            variables[(string)variable.Key] = (string?)variable.Value ?? "";
        }

        return new EnvironmentReader(variables);
    }

    /// <summary>Verbatim; the empty text is a value. Null when unset or not UTF-8.</summary>
    public string? Text(string name) =>
        variables.TryGetValue(name, out string? value) && !value.Contains(MalformedText, StringComparison.Ordinal)
            ? value
            : null;

    /// <summary>As <see cref="Text"/>, where the empty text means unset.</summary>
    public string? NonEmpty(string name) => Text(name) is { Length: > 0 } text ? text : null;

    /// <summary>The variable equals the one literal that switches it on; it never errs.</summary>
    public bool IsSetTo(string name, string literal) => Text(name) == literal;

    /// <summary>Exactly <c>true</c> or <c>false</c>.</summary>
    public bool? Bool(string name) => Text(name) switch
    {
        null => null,
        "true" => true,
        "false" => false,
        { } other => throw ConfigException.BadVariable(name, other, "must be true or false"),
    };

    public ushort? UInt16(string name) => (ushort?)Number(name, ushort.MaxValue);

    public uint? UInt32(string name) => (uint?)Number(name, uint.MaxValue);

    public ulong? UInt64(string name) => Number(name, ulong.MaxValue);

    /// <summary>A number of bytes (or of anything) that must fit a signed 32-bit number and not be 0.</summary>
    public int? Positive(string name) => Number(name, int.MaxValue) switch
    {
        null => null,
        0 => throw ConfigException.BadVariable(name, "0", "must be positive"),
        { } number => (int)number,
    };

    public TimeSpan? Duration(string name)
    {
        string? text = Text(name);
        return text is null ? null
            : DurationText.TryParse(text, out TimeSpan duration) ? duration
            : throw ConfigException.BadVariable(name, text, "must be a duration such as 30s, 5m or 1h30m");
    }

    /// <summary>A duration that something waits for: 0 would mean never to wait.</summary>
    public TimeSpan? Timeout(string name) => Duration(name) switch
    {
        null => null,
        { } duration when duration <= TimeSpan.Zero || duration > TimeSpan.FromDays(365) =>
            throw ConfigException.BadVariable(name, Text(name)!, "must be positive and at most a year"),
        { } duration => duration,
    };

    /// <summary>CPUs as Kubernetes writes them (<c>2</c>, <c>0.5</c>, <c>1500m</c>), rounded up.</summary>
    public int? Cpus(string name)
    {
        string? text = Text(name);
        if (text is null)
        {
            return null;
        }

        bool isMilli = text.EndsWith('m');
        bool isNumber = double.TryParse(
            text.AsSpan(0, text.Length - (isMilli ? 1 : 0)), NumberStyles.Float, CultureInfo.InvariantCulture, out double cores);
        cores = Math.Ceiling(isMilli ? cores / 1000 : cores);
        return isNumber && cores is > 0 and <= int.MaxValue
            ? (int)cores
            : throw ConfigException.BadVariable(name, text, "must be a positive CPU quantity");
    }

    /// <summary>All variables whose names start with the prefix, in order of name.</summary>
    public IEnumerable<(string Name, string Value)> StartingWith(string prefix) =>
        from name in variables.Keys.Order(StringComparer.Ordinal)
        where name.StartsWith(prefix, StringComparison.Ordinal)
        let value = Text(name)
        where value is not null
        select (name, value);

    private ulong? Number(string name, ulong max)
    {
        string? text = Text(name);
        return text is null ? null
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) && number <= max
                ? number
                : throw ConfigException.BadVariable(name, text, $"must be a whole number from 0 to {max}");
    }
}
