namespace Ztunnel.Telemetry;

/// <summary>Up to 64 lines that go out in one write. Guarded by its <see cref="LogWriter"/>.</summary>
internal sealed class LogBatch
{
    private const int MaxLines = 64;
    private const int Size = 32 * 1024; // 64 access lines of 500 bytes

    private byte[] _bytes = [];
    private int _length;

    public int Lines { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>An empty batch takes a line of any length.</summary>
    public bool IsFull(int lineLength) => Lines == MaxLines || (Lines > 0 && _length + lineLength > Size);

    public void Add(ReadOnlySpan<byte> line)
    {
        if (_bytes.Length - _length < line.Length)
        {
            Array.Resize(ref _bytes, Math.Max(Math.Clamp(_bytes.Length * 2, 2048, Size), _length + line.Length));
        }

        line.CopyTo(_bytes.AsSpan(_length));
        _length += line.Length;
        Lines++;
    }

    public void Clear()
    {
        (Lines, _length) = (0, 0);
        if (_bytes.Length > Size)
        {
            _bytes = []; // one long line must not be kept for ever
        }
    }
}
