using System.Buffers.Binary;

namespace Ztunnel.Lab;

/// <summary>What the other side of a connection sent: counted, not kept. Written by one thread, read by any.</summary>
public sealed class FrameLog
{
    private const int HeaderSize = 9;
    private const int NumberSize = 4;
    private const int PrefaceSize = 24;

    private readonly int[] _frames = new int[256];
    private readonly byte[] _head = new byte[HeaderSize + (2 * NumberSize)]; // of the frame that is arriving
    private int _headLength;
    private int _bodyLeft;
    private int _prefaceLeft;
    private volatile bool _hasGoAway;

    /// <summary>What a client sends: its preface comes first.</summary>
    public static FrameLog OfClient() => new() { _prefaceLeft = PrefaceSize };

    public int Of(FrameKind kind) => Volatile.Read(ref _frames[(int)kind]);

    /// <summary>Bytes in DATA frames.</summary>
    public long DataBytes { get; private set; }

    /// <summary>Error code of the GOAWAY, the last one if there were several; null if there was none.</summary>
    public uint? GoAwayCode => _hasGoAway ? LastGoAway : null;

    private uint LastGoAway { get; set; }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        int preface = Math.Min(_prefaceLeft, bytes.Length);
        _prefaceLeft -= preface;
        bytes = bytes[preface..];
        while (!bytes.IsEmpty)
        {
            bytes = bytes[(_bodyLeft > 0 ? TakeBody(bytes) : TakeHeader(bytes))..];
        }
    }

    private int TakeHeader(ReadOnlySpan<byte> bytes)
    {
        int taken = Math.Min(HeaderSize - _headLength, bytes.Length);
        bytes[..taken].CopyTo(_head.AsSpan(_headLength));
        _headLength += taken;
        if (_headLength == HeaderSize)
        {
            _bodyLeft = (int)(BinaryPrimitives.ReadUInt32BigEndian(_head) >> 8);
            FinishIfComplete();
        }

        return taken;
    }

    private int TakeBody(ReadOnlySpan<byte> bytes)
    {
        int taken = Math.Min(_bodyLeft, bytes.Length);
        int kept = Math.Min(taken, _head.Length - _headLength);
        bytes[..kept].CopyTo(_head.AsSpan(_headLength));
        _headLength += kept;
        _bodyLeft -= taken;
        DataBytes += _head[3] == (byte)FrameKind.Data ? taken : 0;
        FinishIfComplete();
        return taken;
    }

    private void FinishIfComplete()
    {
        if (_bodyLeft > 0)
        {
            return;
        }

        if (_head[3] == (byte)FrameKind.GoAway)
        {
            LastGoAway = BinaryPrimitives.ReadUInt32BigEndian(_head.AsSpan(HeaderSize + NumberSize));
            _hasGoAway = true;
        }

        Interlocked.Increment(ref _frames[_head[3]]);
        _headLength = 0;
    }
}
