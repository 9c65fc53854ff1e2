using System.Globalization;
using System.Text;

namespace Ztunnel.Telemetry;

/// <summary>
/// The bytes of one line while it is being written. One per thread, taken and given back: a line costs no allocation.
/// </summary>
internal sealed class LogBuffer
{
    // A line longer than this (the configuration at start) must not stay with the thread.
    private const int KeptSize = 16 * 1024;

    [ThreadStatic]
    private static LogBuffer? t_spare;

    private byte[] _bytes = new byte[1024];
    private int _length;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>The thread's own, or a new one when a value being formatted logs as well.</summary>
    public static LogBuffer Take()
    {
        LogBuffer buffer = t_spare ?? new LogBuffer();
        t_spare = null;
        buffer._length = 0;
        return buffer;
    }

    public void GiveBack()
    {
        if (_bytes.Length <= KeptSize)
        {
            t_spare = this;
        }
    }

    public void Append(byte value) => Reserve(1)[0] = value;

    public void Append(ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(Reserve(utf8.Length));
    }

    public void Append(ReadOnlySpan<char> text)
    {
        int start = _length;
        Span<byte> room = Reserve(text.Length * 3); // the most UTF-8 needs for a UTF-16 unit
        _length = start + Encoding.UTF8.GetBytes(text, room);
    }

    public void Append<T>(T value, ReadOnlySpan<char> format)
        where T : IUtf8SpanFormattable
    {
        const int Longest = 40; // any number
        int start = _length;
        value.TryFormat(Reserve(Longest), out int written, format, CultureInfo.InvariantCulture);
        _length = start + written;
    }

    /// <summary>An address, without a string for it.</summary>
    public void AppendFormatted<T>(T value)
        where T : ISpanFormattable
    {
        Span<char> text = stackalloc char[128];
        if (value.TryFormat(text, out int written, default, CultureInfo.InvariantCulture))
        {
            Append(text[..written]);
        }
        else
        {
            Append(value.ToString(null, CultureInfo.InvariantCulture));
        }
    }

    /// <summary>
    /// With <c>"</c>, <c>\</c> and control characters escaped the way the reference's text lines show them.
    /// </summary>
    public void AppendEscaped(ReadOnlySpan<char> text)
    {
        for (int special; (special = text.IndexOfAny(LogEscapes.Text)) >= 0; text = text[(special + 1)..])
        {
            Append(text[..special]);
            LogEscapes.AppendText(this, text[special]);
        }

        Append(text);
    }

    /// <summary>Quotes stay; line breaks and other control characters, which may be a peer's, do not.</summary>
    public void AppendMessage(ReadOnlySpan<char> text)
    {
        for (int special; (special = text.IndexOfAny(LogEscapes.Message)) >= 0; text = text[(special + 1)..])
        {
            Append(text[..special]);
            LogEscapes.AppendText(this, text[special]);
        }

        Append(text);
    }

    /// <summary>As the inside of a JSON string.</summary>
    public void AppendJson(ReadOnlySpan<char> text)
    {
        for (int special; (special = text.IndexOfAny(LogEscapes.Json)) >= 0; text = text[(special + 1)..])
        {
            Append(text[..special]);
            LogEscapes.AppendJson(this, text[special]);
        }

        Append(text);
    }

    /// <summary>Room for so many bytes, counted as written.</summary>
    public Span<byte> Reserve(int count)
    {
        if (_bytes.Length - _length < count)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + count));
        }

        Span<byte> room = _bytes.AsSpan(_length, count);
        _length += count;
        return room;
    }
}
