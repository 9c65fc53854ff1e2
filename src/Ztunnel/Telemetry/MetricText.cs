using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Ztunnel.Telemetry;

/// <summary>Writes counter families as text, in pieces of 64 KiB. A family without a sample leaves no trace.</summary>
internal sealed class MetricText(Stream output, ExpositionText format)
{
    private const int FlushAt = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _piece = new(FlushAt + 4096);
    private string? _pendingHelp;
    private byte[] _family = [];
    private bool _hasLabels;

    public bool IsPieceFull => _piece.WrittenCount >= FlushAt;

    /// <param name="family">Without <c>_total</c>.</param>
    public void BeginCounter(string family, string help) =>
        (_family, _pendingHelp) = (Encoding.UTF8.GetBytes(family), help);

    public void BeginSample()
    {
        if (_pendingHelp is not null)
        {
            // OpenMetrics names the family, the older text the sample.
            string family = Encoding.UTF8.GetString(_family) + (format == ExpositionText.OpenMetrics ? "" : "_total");
            Write(Encoding.UTF8.GetBytes($"# HELP {family} {_pendingHelp}\n# TYPE {family} counter\n"));
            _pendingHelp = null;
        }

        Write(_family);
        Write("_total{"u8);
        _hasLabels = false;
    }

    public void Label(ReadOnlySpan<byte> name, string value)
    {
        if (_hasLabels)
        {
            Write(","u8);
        }

        _hasLabels = true;
        Write(name);
        Write("=\""u8);
        WriteEscaped(value);
        Write("\""u8);
    }

    public void EndSample(long value)
    {
        Write("} "u8);
        Span<byte> room = _piece.GetSpan(24);
        Utf8Formatter.TryFormat(value, room, out int written);
        room[written++] = (byte)'\n';
        _piece.Advance(written);
    }

    public async ValueTask FlushAsync(CancellationToken aborted)
    {
        await output.WriteAsync(_piece.WrittenMemory, aborted);
        _piece.ResetWrittenCount();
    }

    public void Write(ReadOnlySpan<byte> text) => _piece.Write(text);

    private void WriteEscaped(ReadOnlySpan<char> value)
    {
        for (int special; (special = value.IndexOfAny('\\', '"', '\n')) >= 0; value = value[(special + 1)..])
        {
            WriteText(value[..special]);
            Write(value[special] switch
            {
                '\n' => "\\n"u8,
                '"' => "\\\""u8,
                _ => "\\\\"u8,
            });
        }

        WriteText(value);
    }

    private void WriteText(ReadOnlySpan<char> text)
    {
        Span<byte> room = _piece.GetSpan(text.Length * 3);
        _piece.Advance(Encoding.UTF8.GetBytes(text, room));
    }
}
