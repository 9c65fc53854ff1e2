using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Ztunnel.Config;

/// <summary>
/// One value of a YAML (or JSON) document that knows where it stands, so that whoever refuses it can name file, line,
/// column and field.
/// </summary>
/// <param name="node">The parsed value.</param>
/// <param name="source">The file's path or the variable's name.</param>
/// <param name="path">From the root, such as <c>workloads[0].name</c>; empty for the root.</param>
internal sealed class YamlValue(YamlNode node, string source, string path)
{
    public string Source => source;

    /// <summary>The field's path, as messages name it.</summary>
    public string Path => path;

    /// <summary>An explicit tag such as <c>Exact</c> of <c>!Exact x</c>; null without one.</summary>
    public string? Tag => node.Tag is { IsEmpty: false, IsNonSpecific: false } tag ? tag.Value.TrimStart('!') : null;

    public bool IsMap => node is YamlMappingNode;

    /// <summary>Nothing written, <c>null</c> or <c>~</c>.</summary>
    public bool IsNull => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" } && Tag is null;

    /// <exception cref="ConfigException">Not YAML; the line and column are named.</exception>
    public static YamlValue? Parse(string text, string source)
    {
        var stream = new YamlStream();
        var parser = new DepthLimitedParser(new Parser(new StringReader(text)));
        try
        {
            stream.Load(parser);
        }
        catch (YamlException failure)
        {
            throw new ConfigException($"{source}:{failure.Start.Line}:{failure.Start.Column}: {failure.Message}");
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException or InvalidOperationException)
        {
            throw new ConfigException(
                $"{source}:{parser.Reached.Line}:{parser.Reached.Column}: not a YAML document: {failure.Message}");
        }

        return stream.Documents.Count switch
        {
            0 => null,
            1 => new YamlValue(stream.Documents[0].RootNode, source, ""),
            _ => throw new ConfigException($"{source}: more than one document"),
        };
    }

    public ConfigException Error(string reason)
    {
        string field = path.Length == 0 ? "" : $" {path}:";
        return new ConfigException($"{source}:{node.Start.Line}:{node.Start.Column}:{field} {reason}");
    }

    public YamlMap AsMap() => node is YamlMappingNode map
        ? new YamlMap(this, map)
        : throw Error($"must be a map, not {Kind()}");

    public IEnumerable<YamlValue> AsList() => node is YamlSequenceNode list
        ? list.Children.Select((child, index) => new YamlValue(child, source, $"{path}[{index}]"))
        : throw Error($"must be a list, not {Kind()}");

    public T[] AsArray<T>(Func<YamlValue, T> read) => [.. AsList().Select(read)];

    /// <summary>A text; what YAML reads as a number, bool or null must be quoted.</summary>
    public string AsText() => node switch
    {
        YamlScalarNode { Style: ScalarStyle.Plain } plain when Tag is null && !IsPlainText(plain.Value) =>
            throw Error($"must be a string, not {Kind()}: put it in quotes"),
        YamlScalarNode scalar => scalar.Value ?? "",
        _ => throw Error($"must be a string, not {Kind()}"),
    };

    /// <summary>The text of any single value, as written.</summary>
    public string AsScalarText() => node is YamlScalarNode scalar
        ? scalar.Value ?? ""
        : throw Error($"must be a single value, not {Kind()}");

    public bool AsBool() => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } scalar
        ? scalar.Value == "true"
        : throw Error($"must be true or false, not {Kind()}");

    public ushort AsPort() => (ushort)AsNumber(ushort.MaxValue);

    public uint AsNumber(uint max)
    {
        if (node is YamlScalarNode { Style: ScalarStyle.Plain } scalar
            && uint.TryParse(scalar.Value, NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
            && number <= max)
        {
            return number;
        }

        throw Error($"must be a whole number from 0 to {max}, not {Kind()}");
    }

    /// <summary>One of the names of <typeparamref name="T"/>, spelled exactly.</summary>
    public T AsOneOf<T>(params ReadOnlySpan<(string Name, T Value)> choices)
    {
        string text = AsText();
        foreach ((string name, T value) in choices)
        {
            if (name == text)
            {
                return value;
            }
        }

        string known = string.Join(", ", choices.ToArray().Select(choice => choice.Name));
        throw Error($"must be one of {known}, not '{text}'");
    }

    private static bool IsPlainText(string? value) =>
        value is not (null or "" or "~" or "null" or "true" or "false")
        && !double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private string Kind() => node switch
    {
        YamlMappingNode => "a map",
        YamlSequenceNode => "a list",
        YamlScalarNode { Style: ScalarStyle.Plain } scalar when !IsPlainText(scalar.Value) =>
            string.IsNullOrEmpty(scalar.Value) ? "nothing" : scalar.Value,
        YamlScalarNode scalar => $"'{scalar.Value}'",
        _ => "this",
    };
}
