using System.Buffers.Binary;

namespace Ztunnel.Hbone.Http2;

/// <summary>The nine octets in front of every frame (RFC 9113 §4.1).</summary>
internal readonly record struct FrameHeader(int Length, FrameType Type, FrameFlags Flags, int StreamId)
{
    public const int Size = 9;

    public bool IsAck => (Flags & FrameFlags.Ack) != 0;

    public bool IsEndStream => (Flags & FrameFlags.EndStream) != 0;

    public bool IsEndHeaders => (Flags & FrameFlags.EndHeaders) != 0;

    public bool IsPadded => (Flags & FrameFlags.Padded) != 0;

    public static FrameHeader Parse(ReadOnlySpan<byte> nine)
    {
        uint lengthAndType = BinaryPrimitives.ReadUInt32BigEndian(nine);
        return new FrameHeader(
            (int)(lengthAndType >> 8),
            (FrameType)(byte)lengthAndType,
            (FrameFlags)nine[4],
            BinaryPrimitives.ReadInt32BigEndian(nine[5..]) & int.MaxValue); // the reserved bit is ignored
    }

    public void Write(Span<byte> nine)
    {
        BinaryPrimitives.WriteUInt32BigEndian(nine, ((uint)Length << 8) | (byte)Type);
        nine[4] = (byte)Flags;
        BinaryPrimitives.WriteInt32BigEndian(nine[5..], StreamId);
    }
}
