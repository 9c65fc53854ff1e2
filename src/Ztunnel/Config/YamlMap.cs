using YamlDotNet.RepresentationModel;

namespace Ztunnel.Config;

/// <summary>A map of a document, read field by field; what nobody asked for is an error at the end.</summary>
internal sealed class YamlMap
{
    private readonly YamlValue _value;
    private readonly Dictionary<string, (YamlValue Key, YamlValue Value)> _fields = new(StringComparer.Ordinal);
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    public YamlMap(YamlValue value, YamlMappingNode node)
    {
        _value = value;
        foreach ((YamlNode key, YamlNode field) in node.Children)
        {
            var asKey = new YamlValue(key, value.Source, value.Path);
            string name = asKey.AsScalarText(); // an integer key and its quoted form are the same field
            string path = value.Path.Length == 0 ? name : $"{value.Path}.{name}";
            if (!_fields.TryAdd(name, (asKey, new YamlValue(field, value.Source, path))))
            {
                throw asKey.Error($"field '{name}' stands twice");
            }
        }
    }

    /// <summary>Every field; for maps whose keys are data.</summary>
    public IEnumerable<(YamlValue Key, YamlValue Value)> Fields => _fields.Values;

    /// <summary>Null when absent or null.</summary>
    public YamlValue? Optional(string name)
    {
        _taken.Add(name);
        return _fields.TryGetValue(name, out (YamlValue Key, YamlValue Value) field) && !field.Value.IsNull
            ? field.Value
            : null;
    }

    public YamlValue Required(string name) => Optional(name) ?? throw _value.Error($"field '{name}' is missing");

    public string Text(string name, string otherwise = "") => Optional(name)?.AsText() ?? otherwise;

    public bool Bool(string name) => Optional(name)?.AsBool() ?? false;

    public T[] Array<T>(string name, Func<YamlValue, T> read) => Optional(name)?.AsArray(read) ?? [];

    /// <summary>Call after every known field was asked for.</summary>
    public void RefuseOthers()
    {
        foreach ((string name, (YamlValue key, _)) in _fields)
        {
            if (!_taken.Contains(name))
            {
                string known = string.Join(", ", _taken.Order(StringComparer.Ordinal));
                throw key.Error($"unknown field '{name}' (known: {known})");
            }
        }
    }
}
