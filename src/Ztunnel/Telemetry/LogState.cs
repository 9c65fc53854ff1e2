using System.Text;

namespace Ztunnel.Telemetry;

/// <summary>
/// What a <c>[LoggerMessage]</c> carries besides its text: parameters its template does not mention are fields.
/// </summary>
internal static class LogState
{
    private const string TemplateKey = "{OriginalFormat}";

    public static void WriteFields<TState>(ref LogEvent line, TState state)
    {
        if (state is not IReadOnlyList<KeyValuePair<string, object?>> values || values.Count < 2)
        {
            return;
        }

        // The framework puts the template last.
        string template = values[^1] is { Key: TemplateKey, Value: string text } ? text : "";
        for (int at = 0; at < values.Count; at++)
        {
            (string key, object? value) = values[at];
            if (key != TemplateKey && !Mentions(template, key))
            {
                line.FieldOf(key, value);
            }
        }
    }

    /// <summary>The messages of an exception and what caused it, outermost first.</summary>
    public static string Describe(Exception exception)
    {
        StringBuilder text = new(exception.Message);
        for (Exception? inner = exception.InnerException; inner is not null; inner = inner.InnerException)
        {
            // Wrappers often repeat the message of what they wrap.
            if (!exception.Message.Contains(inner.Message, StringComparison.Ordinal))
            {
                text.Append(": ").Append(inner.Message);
            }
        }

        return text.ToString();
    }

    private static bool Mentions(string template, string key)
    {
        for (int at = 0; (at = template.IndexOf(key, at, StringComparison.OrdinalIgnoreCase)) >= 0; at += key.Length)
        {
            int after = at + key.Length;
            if (at > 0 && template[at - 1] is ('{' or '@')
                && after < template.Length && template[after] is ('}' or ':' or ','))
            {
                return true;
            }
        }

        return false;
    }
}
