using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Ztunnel.Telemetry;

/// <summary>
/// Passes on prometheus-net's OpenMetrics text line by line and mends the three things it cannot be told: integers are
/// printed without ".0" or an exponent (the contract; bytes stay readable), families state their unit, and families
/// without a sample are left out. The end mark is swallowed, because our own families follow. The rest of that
/// serialiser is right as it is: counter families without "_total", samples with it, escapes. Families come in no
/// particular order, which no parser minds.
/// </summary>
internal sealed class OpenMetricsStream(Stream output, IReadOnlyDictionary<string, string> units) : Stream
{
    private readonly MemoryStream _line = new(); // what came since the last line break
    private readonly MemoryStream _head = new(); // of a family that has shown no sample yet
    private readonly MemoryStream _mended = new();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Mend(buffer.Span);
        await output.WriteAsync(_mended.GetBuffer().AsMemory(0, (int)_mended.Length), cancellationToken);
        _mended.SetLength(0);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken);

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void Mend(ReadOnlySpan<byte> text)
    {
        for (int end; (end = text.IndexOf((byte)'\n')) >= 0; text = text[(end + 1)..])
        {
            if (_line.Length == 0)
            {
                MendLine(text[..end]);
                continue;
            }

            _line.Write(text[..end]);
            MendLine(_line.GetBuffer().AsSpan(0, (int)_line.Length));
            _line.SetLength(0);
        }

        _line.Write(text);
    }

    private void MendLine(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("# HELP "u8) || line.SequenceEqual("# EOF"u8))
        {
            _head.SetLength(0); // the family before had no sample
        }

        if (line.SequenceEqual("# EOF"u8))
        {
            return;
        }

        if (line.StartsWith("# "u8))
        {
            _head.Write(line);
            _head.WriteByte((byte)'\n');
            AddUnit(line);
            return;
        }

        _head.WriteTo(_mended);
        _head.SetLength(0);
        int value = line.LastIndexOf((byte)' ') + 1;
        _mended.Write(line[..value]);
        WriteValue(line[value..]);
        _mended.WriteByte((byte)'\n');
    }

    private void AddUnit(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> prefix = "# TYPE "u8;
        if (!line.StartsWith(prefix))
        {
            return;
        }

        ReadOnlySpan<byte> rest = line[prefix.Length..];
        string family = Encoding.UTF8.GetString(rest[..rest.IndexOf((byte)' ')]);
        if (units.TryGetValue(family, out string? unit))
        {
            _head.Write(Encoding.UTF8.GetBytes($"# UNIT {family} {unit}\n"));
        }
    }

    private void WriteValue(ReadOnlySpan<byte> value)
    {
        const double ExactIntegers = 1L << 53; // beyond, a double counts in steps
        if (value.EndsWith(".0"u8))
        {
            _mended.Write(value[..^2]);
        }
        else if (value.ContainsAny((byte)'e', (byte)'E') && Utf8Parser.TryParse(value, out double number, out int used)
            && used == value.Length && Math.Abs(number) < ExactIntegers * 1024 && number == Math.Truncate(number))
        {
            _mended.Write(Encoding.UTF8.GetBytes(((long)number).ToString(CultureInfo.InvariantCulture)));
        }
        else
        {
            _mended.Write(value);
        }
    }
}
