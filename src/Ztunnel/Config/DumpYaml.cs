using System.Globalization;
using System.Text;

namespace Ztunnel.Config;

/// <summary>Writes dump values as YAML for the banner at start: block style, lists flush with their key.</summary>
internal static class DumpYaml
{
    public static string Write(DumpNode.Map root)
    {
        var text = new StringBuilder();
        WriteFields(text, root, indent: 0, afterDash: false);
        return text.ToString();
    }

    private static void WriteFields(StringBuilder text, DumpNode.Map map, int indent, bool afterDash)
    {
        foreach ((string name, DumpNode value) in map.Fields)
        {
            text.Append(' ', afterDash ? 0 : indent).Append(TextOf(name)).Append(':');
            WriteValue(text, value, indent);
            afterDash = false;
        }
    }

    // What follows "key:" or "key: !Tag", with the line's end.
    private static void WriteValue(StringBuilder text, DumpNode value, int indent)
    {
        switch (value)
        {
            case DumpNode.Tagged tagged:
                text.Append(" !").Append(tagged.Tag);
                WriteValue(text, tagged.Value, indent);
                break;
            case DumpNode.Map { Fields.Count: > 0 } map:
                text.Append('\n');
                WriteFields(text, map, indent + 2, afterDash: false);
                break;
            case DumpNode.Sequence { Items.Count: > 0 } list:
                text.Append('\n');
                WriteItems(text, list, indent);
                break;
            default:
                text.Append(' ').Append(ScalarOf(value)).Append('\n');
                break;
        }
    }

    private static void WriteItems(StringBuilder text, DumpNode.Sequence list, int indent)
    {
        foreach (DumpNode item in list.Items)
        {
            text.Append(' ', indent).Append('-');
            switch (item)
            {
                case DumpNode.Map { Fields.Count: > 0 } map:
                    text.Append(' ');
                    WriteFields(text, map, indent + 2, afterDash: true);
                    break;
                case DumpNode.Sequence { Items.Count: > 0 } inner:
                    text.Append('\n');
                    WriteItems(text, inner, indent + 2);
                    break;
                default:
                    WriteValue(text, item, indent + 2);
                    break;
            }
        }
    }

    private static string ScalarOf(DumpNode node) => node switch
    {
        DumpNode.Map => "{}",
        DumpNode.Sequence => "[]",
        DumpNode.Scalar { Value: string value } => TextOf(value),
        DumpNode.Scalar { Value: bool flag } => flag ? "true" : "false",
        DumpNode.Scalar { Value: long number } => number.ToString(CultureInfo.InvariantCulture),
        _ => "null",
    };

    // Quoted where a reader would otherwise take it for something else.
    private static string TextOf(string text)
    {
        bool isPlain = text.Length > 0
            && text.All(c => c is >= ' ' and <= '~')
            && !" -?:,[]{}#&*!|>'\"%@`=~".Contains(text[0], StringComparison.Ordinal)
            && !text.EndsWith(' ') && !text.EndsWith(':')
            && !text.Contains(": ", StringComparison.Ordinal) && !text.Contains(" #", StringComparison.Ordinal)
            && text is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off")
            && !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
        return isPlain ? text
            : text.Any(char.IsControl) ? $"\"{Escaped(text)}\""
            : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
    }

    private static string Escaped(string text) => string.Concat(text.Select(c => c switch
    {
        '"' or '\\' => $"\\{c}",
        '\n' => "\\n",
        _ when char.IsControl(c) => $"\\x{(int)c:x2}",
        _ => c.ToString(),
    }));
}
