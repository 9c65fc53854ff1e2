using System.Buffers.Binary;
using System.Text;
using Ztunnel.Hbone.Http2;

namespace Ztunnel.Hbone.Tests;

/// <summary>Frames by hand, as a peer of another make would send them, and the reading of what we answered.</summary>
internal static class Wire
{
    public static byte[] Preface => [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8];

    public static byte[] Frame(FrameType type, FrameFlags flags, int stream, params byte[] payload)
    {
        byte[] frame = new byte[FrameHeader.Size + payload.Length];
        new FrameHeader(payload.Length, type, flags, stream).Write(frame);
        payload.CopyTo(frame, FrameHeader.Size);
        return frame;
    }

    public static byte[] Settings(params (SettingId Id, uint Value)[] entries)
    {
        byte[] payload = new byte[entries.Length * 6];
        for (int i = 0; i < entries.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(i * 6), (ushort)entries[i].Id);
            BinaryPrimitives.WriteUInt32BigEndian(payload.AsSpan((i * 6) + 2), entries[i].Value);
        }

        return Frame(FrameType.Settings, FrameFlags.None, 0, payload);
    }

    public static byte[] SettingsAck => Frame(FrameType.Settings, FrameFlags.Ack, 0);

    public static byte[] Data(int stream, string text, bool end = false) =>
        Frame(FrameType.Data, end ? FrameFlags.EndStream : FrameFlags.None, stream, Encoding.Latin1.GetBytes(text));

    public static byte[] Padded(int stream, string text, int padding, bool end = false) => Frame(
        FrameType.Data,
        FrameFlags.Padded | (end ? FrameFlags.EndStream : FrameFlags.None),
        stream,
        [(byte)padding, .. Encoding.Latin1.GetBytes(text), .. new byte[padding]]);

    public static byte[] Headers(int stream, bool end, params (string Name, string Value)[] fields) => Frame(
        FrameType.Headers,
        FrameFlags.EndHeaders | (end ? FrameFlags.EndStream : FrameFlags.None),
        stream,
        Block(fields));

    public static byte[] Connect(int stream, string authority = "10.0.0.1:80", bool end = false) =>
        Headers(stream, end, (":method", "CONNECT"), (":authority", authority));

    public static byte[] Response(int stream, string status, bool end = false) =>
        Headers(stream, end, (":status", status));

    /// <summary>Literals without indexing: leaves the dynamic table alone.</summary>
    public static byte[] Block(params (string Name, string Value)[] fields)
    {
        OutputBuffer output = new();
        foreach ((string name, string value) in fields)
        {
            output.Append([0]);
            AppendString(output, name);
            AppendString(output, value);
        }

        return output.Pending.ToArray();
    }

    public static byte[] Ping(ulong payload = 1, bool ack = false)
    {
        OutputBuffer output = new();
        FrameWriter.Ping(output, payload, ack);
        return output.Pending.ToArray();
    }

    public static byte[] Reset(int stream, Http2ErrorCode code = Http2ErrorCode.Cancel)
    {
        OutputBuffer output = new();
        FrameWriter.RstStream(output, stream, code);
        return output.Pending.ToArray();
    }

    public static byte[] WindowUpdate(int stream, int increment)
    {
        OutputBuffer output = new();
        FrameWriter.WindowUpdate(output, stream, increment);
        return output.Pending.ToArray();
    }

    public static byte[] GoAway(int last, Http2ErrorCode code = Http2ErrorCode.NoError)
    {
        OutputBuffer output = new();
        FrameWriter.GoAway(output, last, code);
        return output.Pending.ToArray();
    }

    public static byte[] Join(params byte[][] parts) => [.. parts.SelectMany(static part => part)];

    /// <summary>The frames in an output, as lines; payloads of control frames in hexadecimal.</summary>
    public static List<string> Describe(ReadOnlySpan<byte> bytes)
    {
        List<string> lines = [];
        if (bytes.StartsWith(Preface))
        {
            lines.Add("preface");
            bytes = bytes[Preface.Length..];
        }

        while (!bytes.IsEmpty)
        {
            FrameHeader header = FrameHeader.Parse(bytes);
            ReadOnlySpan<byte> payload = bytes.Slice(FrameHeader.Size, header.Length);
            bytes = bytes[(FrameHeader.Size + header.Length)..];
            lines.Add(Describe(header, payload));
        }

        return lines;
    }

    private static string Describe(FrameHeader header, ReadOnlySpan<byte> payload) => header.Type switch
    {
        FrameType.RstStream => $"rst {header.StreamId} {(Http2ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(payload)}",
        FrameType.GoAway => $"goaway {BinaryPrimitives.ReadInt32BigEndian(payload)} "
            + $"{(Http2ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(payload[4..])}",
        FrameType.WindowUpdate => $"window {header.StreamId} {BinaryPrimitives.ReadInt32BigEndian(payload)}",
        FrameType.Settings when header.IsAck => "settings ack",
        FrameType.Settings => $"settings {Convert.ToHexStringLower(payload)}",
        FrameType.Ping => $"ping{(header.IsAck ? " ack" : "")} {BinaryPrimitives.ReadUInt64BigEndian(payload):x}",
        FrameType.Data => $"data {header.StreamId} {header.Length}{(header.IsEndStream ? " end" : "")}",
        _ => $"{header.Type.ToString().ToLowerInvariant()} {header.StreamId} {header.Length}"
            + (header.IsEndStream ? " end" : ""),
    };

    private static void AppendString(OutputBuffer output, string text)
    {
        Span<byte> length = stackalloc byte[6];
        output.Append(length[..Ztunnel.Hbone.Http2.Hpack.HpackInteger.Encode(length, 0, 7, text.Length)]);
        output.Append(Encoding.Latin1.GetBytes(text));
    }
}
