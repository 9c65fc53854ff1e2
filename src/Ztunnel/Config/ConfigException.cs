namespace Ztunnel.Config;

/// <summary>The settings cannot be used: one line that names the variable (or file and field), the value and the reason.</summary>
internal sealed class ConfigException : Exception
{
    public ConfigException(string message)
        : base(OneLine(message))
    {
    }

    public static ConfigException BadVariable(string name, string value, string reason) =>
        new($"invalid env var {name}={value} ({reason})");

    public static ConfigException BadUri(string name, string value, string reason) =>
        new($"invalid uri: {name}={value} ({reason})");

    public static ConfigException Inconsistent(string reason) => new($"invalid configuration: {reason}");

    // A value may hold line breaks; the operator's log must not.
    private static string OneLine(string text) =>
        text.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
