using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Ztunnel.Lab;

/// <summary>
/// Writes maps, lists and scalars as YAML in flow style: JSON, but with numbers as keys and with tags, which the
/// static mesh document has.
/// </summary>
internal static class FlowYaml
{
    public static string Write(object? value)
    {
        StringBuilder text = new();
        Write(text, value);
        return text.Append('\n').ToString();
    }

    private static void Write(StringBuilder text, object? value)
    {
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case bool flag:
                text.Append(flag ? "true" : "false");
                break;
            case int number:
                text.Append(number.ToString(CultureInfo.InvariantCulture));
                break;
            case YamlTag tag:
                // A tag ends at a blank: one right before a bracket would take it in.
                text.Append('!').Append(tag.Name).Append(' ').Append(tag.Value is null ? "" : Quote(tag.Value));
                break;
            case IEnumerable<KeyValuePair<string, object?>> map:
                List(text, '{', map, '}', member => Member(text, Quote(member.Key), member.Value));
                break;
            case IEnumerable<KeyValuePair<int, int>> ports:
                List(text, '{', ports, '}', port => Member(text, $"{port.Key}", port.Value));
                break;
            case string words:
                text.Append(Quote(words));
                break;
            case System.Collections.IEnumerable items:
                List(text, '[', items.Cast<object?>(), ']', item => Write(text, item));
                break;
            default:
                throw new LabException($"no YAML for {value.GetType().Name}");
        }
    }

    private static void Member(StringBuilder text, string key, object? value)
    {
        text.Append(key).Append(": ");
        Write(text, value);
    }

    private static void List<T>(StringBuilder text, char open, IEnumerable<T> items, char close, Action<T> write)
    {
        text.Append(open);
        string separator = "";
        foreach (T item in items)
        {
            text.Append(separator);
            write(item);
            separator = ", ";
        }

        text.Append(close);
    }

    private static string Quote(string words) => JsonSerializer.Serialize(words);
}
