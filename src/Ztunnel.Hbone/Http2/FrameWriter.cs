using System.Buffers.Binary;

namespace Ztunnel.Hbone.Http2;

/// <summary>Control frames, appended to the output.</summary>
internal static class FrameWriter
{
    public static void Ping(OutputBuffer output, ulong payload, bool ack)
    {
        Span<byte> body = Begin(output, new FrameHeader(8, FrameType.Ping, ack ? FrameFlags.Ack : FrameFlags.None, 0));
        BinaryPrimitives.WriteUInt64BigEndian(body, payload);
    }

    public static void RstStream(OutputBuffer output, int streamId, Http2ErrorCode code)
    {
        Span<byte> body = Begin(output, new FrameHeader(4, FrameType.RstStream, FrameFlags.None, streamId));
        BinaryPrimitives.WriteUInt32BigEndian(body, (uint)code);
    }

    public static void WindowUpdate(OutputBuffer output, int streamId, int increment)
    {
        Span<byte> body = Begin(output, new FrameHeader(4, FrameType.WindowUpdate, FrameFlags.None, streamId));
        BinaryPrimitives.WriteInt32BigEndian(body, increment);
    }

    public static void GoAway(OutputBuffer output, int lastStreamId, Http2ErrorCode code)
    {
        Span<byte> body = Begin(output, new FrameHeader(8, FrameType.GoAway, FrameFlags.None, 0));
        BinaryPrimitives.WriteInt32BigEndian(body, lastStreamId);
        BinaryPrimitives.WriteUInt32BigEndian(body[4..], (uint)code);
    }

    public static void SettingsAck(OutputBuffer output) =>
        Begin(output, new FrameHeader(0, FrameType.Settings, FrameFlags.Ack, 0));

    /// <summary>Emitted in the order given: ascending identifiers, as the other proxies do.</summary>
    public static void Settings(OutputBuffer output, ReadOnlySpan<(SettingId Id, int Value)> settings)
    {
        int length = settings.Length * SettingsFrame.EntrySize;
        Span<byte> body = Begin(output, new FrameHeader(length, FrameType.Settings, FrameFlags.None, 0));
        foreach ((SettingId id, int value) in settings)
        {
            BinaryPrimitives.WriteUInt16BigEndian(body, (ushort)id);
            BinaryPrimitives.WriteInt32BigEndian(body[2..], value);
            body = body[SettingsFrame.EntrySize..];
        }
    }

    private static Span<byte> Begin(OutputBuffer output, FrameHeader header)
    {
        Span<byte> frame = output.Append(FrameHeader.Size + header.Length);
        header.Write(frame);
        return frame[FrameHeader.Size..];
    }
}
