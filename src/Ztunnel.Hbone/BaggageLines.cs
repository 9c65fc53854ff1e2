using System.Text;

namespace Ztunnel.Hbone;

/// <summary>
/// Gathers the baggage lines of one header list; equal ones on a connection share text and parsed form.
/// </summary>
internal struct BaggageLines
{
    private string? _lastText;
    private Baggage? _lastParsed;

    /// <summary>Null until a line came.</summary>
    public string? Text { get; private set; }

    public Baggage? Parsed => Text is null ? null : Parse(Text);

    public void Reset() => Text = null;

    public void Add(ReadOnlySpan<byte> line)
    {
        if (Text is not null)
        {
            Text = $"{Text},{Encoding.Latin1.GetString(line)}"; // lines are one list (RFC 9110 §5.3)
        }
        else
        {
            Text = _lastText is not null && Ascii.Equals(line, _lastText) ? _lastText : Encoding.Latin1.GetString(line);
        }
    }

    private Baggage Parse(string text)
    {
        if (_lastParsed is null || text != _lastText)
        {
            (_lastText, _lastParsed) = (text, Baggage.Parse(text));
        }

        return _lastParsed;
    }
}
