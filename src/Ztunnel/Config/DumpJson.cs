using System.Text.Json;

namespace Ztunnel.Config;

/// <summary>Writes dump values as JSON, keys in order of name as the reference does.</summary>
internal static class DumpJson
{
    public static void Write(Utf8JsonWriter json, DumpNode node)
    {
        switch (node)
        {
            case DumpNode.Map map:
                json.WriteStartObject();
                foreach ((string name, DumpNode value) in map.Fields.OrderBy(field => field.Name, StringComparer.Ordinal))
                {
                    json.WritePropertyName(name);
                    Write(json, value);
                }

                json.WriteEndObject();
                break;
            case DumpNode.Sequence list:
                json.WriteStartArray();
                foreach (DumpNode item in list.Items)
                {
                    Write(json, item);
                }

                json.WriteEndArray();
                break;
            case DumpNode.Tagged tagged:
                json.WriteStartObject();
                json.WritePropertyName(tagged.Tag);
                Write(json, tagged.Value);
                json.WriteEndObject();
                break;
            case DumpNode.Scalar scalar:
                WriteScalar(json, scalar.Value);
                break;
        }
    }

    private static void WriteScalar(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            default:
                json.WriteStringValue((string)value);
                break;
        }
    }
}
