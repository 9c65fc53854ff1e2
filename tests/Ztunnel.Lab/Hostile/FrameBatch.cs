using System.Buffers;
using System.Buffers.Binary;

namespace Ztunnel.Lab;

/// <summary>
/// Frames in a row, right or wrong, to be sent as often as wanted. Written apart from the proxy's own code on purpose:
/// nothing here stops anybody from lying.
/// </summary>
public sealed class FrameBatch
{
    public const byte EndStream = 1;
    public const byte Ack = 1;
    public const byte EndHeaders = 4;

    private const int HeaderSize = 9;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    public int Frames { get; private set; }

    public FrameBatch Clear()
    {
        _bytes.ResetWrittenCount();
        Frames = 0;
        return this;
    }

    /// <summary>Preface and SETTINGS.</summary>
    public FrameBatch Greeting(params ReadOnlySpan<(int Id, uint Value)> settings) =>
        Raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8).Settings(settings);

    public FrameBatch Raw(ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    public FrameBatch Frame(FrameKind kind, byte flags, int stream, ReadOnlySpan<byte> payload) =>
        Claim(kind, flags, stream, payload.Length).Raw(payload);

    /// <summary>A frame header alone, whatever follows.</summary>
    public FrameBatch Claim(FrameKind kind, byte flags, int stream, int length)
    {
        Span<byte> header = _bytes.GetSpan(HeaderSize);
        BinaryPrimitives.WriteUInt32BigEndian(header, ((uint)length << 8) | (byte)kind);
        header[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(header[5..], stream);
        _bytes.Advance(HeaderSize);
        Frames++;
        return this;
    }

    public FrameBatch Settings(params ReadOnlySpan<(int Id, uint Value)> settings)
    {
        Claim(FrameKind.Settings, 0, 0, settings.Length * 6);
        foreach ((int id, uint value) in settings)
        {
            Span<byte> entry = _bytes.GetSpan(6);
            BinaryPrimitives.WriteUInt16BigEndian(entry, (ushort)id);
            BinaryPrimitives.WriteUInt32BigEndian(entry[2..], value);
            _bytes.Advance(6);
        }

        return this;
    }

    public FrameBatch Headers(int stream, HpackBlock block, byte flags = EndHeaders) =>
        Frame(FrameKind.Headers, flags, stream, block.Bytes);

    /// <summary>An honest CONNECT.</summary>
    public FrameBatch Connect(int stream, string authority) => Headers(stream, HpackBlock.Connect(authority));

    public FrameBatch Reset(int stream, uint code = 8) => Frame(FrameKind.RstStream, 0, stream, Number(code));

    public FrameBatch WindowUpdate(int stream, uint increment) =>
        Frame(FrameKind.WindowUpdate, 0, stream, Number(increment));

    public FrameBatch Ping() => Frame(FrameKind.Ping, 0, 0, "knock it"u8);

    public FrameBatch GoAway(int lastStream, uint code) =>
        Frame(FrameKind.GoAway, 0, 0, [.. Number((uint)lastStream), .. Number(code)]);

    /// <summary>The same again and again.</summary>
    public FrameBatch Repeat(int times, Action<FrameBatch> write)
    {
        for (int i = 0; i < times; i++)
        {
            write(this);
        }

        return this;
    }

    private static byte[] Number(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
