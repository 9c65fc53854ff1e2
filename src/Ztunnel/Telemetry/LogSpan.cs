using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Ztunnel.Telemetry;

/// <summary>A named context of lines with its fields, shown behind the scope: <c>xds{id=1}</c>.</summary>
/// <param name="Fields">Numbers and bools bare, the rest as strings.</param>
internal sealed record LogSpan(string Name, params KeyValuePair<string, object>[] Fields)
{
    public LogSpan(string name, string field, object value)
        : this(name, new KeyValuePair<string, object>(field, value))
    {
    }

    public string ToText()
    {
        StringBuilder text = new(Name);
        for (int at = 0; at < Fields.Length; at++)
        {
            string value = Convert.ToString(Fields[at].Value, CultureInfo.InvariantCulture) ?? "";
            text.Append(at == 0 ? '{' : ' ').Append(Fields[at].Key).Append('=');
            text.Append(Fields[at].Value is string ? $"\"{JsonEncodedText.Encode(value)}\"" : value);
        }

        return text.Append(Fields.Length == 0 ? "" : "}").ToString();
    }

    /// <summary>A member of the line's object: <c>"xds":{"id":1}</c>.</summary>
    public string ToJson()
    {
        StringBuilder text = new();
        text.Append('"').Append(JsonEncodedText.Encode(Name)).Append("\":{");
        for (int at = 0; at < Fields.Length; at++)
        {
            (string key, object value) = Fields[at];
            string shown = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            JsonEncodedText encoded = JsonEncodedText.Encode(shown, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
            text.Append(at == 0 ? "\"" : ",\"").Append(JsonEncodedText.Encode(key)).Append("\":");
            _ = value switch
            {
                bool flag => text.Append(flag ? "true" : "false"),
                int or long or uint or ushort or byte => text.Append(shown),
                _ => text.Append('"').Append(encoded).Append('"'),
            };
        }

        return text.Append('}').ToString();
    }
}
