using System.Text.Unicode;
using Google.Protobuf;

namespace Ztunnel.Xds.Readers;

/// <summary>
/// The fields of a protobuf message where they lie, one after the other, as the generated parsers take them apart
/// (protobuf.dev/programming-guides/encoding). For what comes by the hundred thousand and mostly says what is known
/// already: there it is compared, and no object is made.
/// </summary>
internal ref struct WireReader(ReadOnlySpan<byte> message)
{
    private const int MaxGroupDepth = 100; // the library's
    private const int VarintBits = 70; // ten bytes

    private readonly ReadOnlySpan<byte> _message = message;

    /// <summary>Of the present field.</summary>
    public int Field { get; private set; }

    /// <summary>Its value is a number, in <see cref="Number"/>; else <see cref="IsBytes"/>, or nothing that is read.</summary>
    public bool IsNumber { get; private set; }

    public bool IsBytes { get; private set; }

    /// <summary>Of a varint; what is narrower on the wire is its low bits.</summary>
    public ulong Number { get; private set; }

    /// <summary>Of text, bytes or a message.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary><see cref="Bytes"/> that are UTF-8.</summary>
    /// <exception cref="InvalidDataException">They are not.</exception>
    public readonly ReadOnlySpan<byte> Text => Utf8.IsValid(Bytes)
        ? Bytes
        : throw new InvalidDataException($"field {Field} is text that is not UTF-8");

    /// <summary>Bytes of the message up to the end of the present field.</summary>
    public int Position { get; private set; }

    /// <summary>On to the next field.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="InvalidDataException">Here it is no message.</exception>
    public bool Next()
    {
        if (Position == _message.Length)
        {
            return false;
        }

        WireFormat.WireType type = ReadTag();
        (IsNumber, IsBytes) = (type == WireFormat.WireType.Varint, type == WireFormat.WireType.LengthDelimited);
        switch (type)
        {
            case WireFormat.WireType.Varint:
                Number = ReadVarint();
                break;
            case WireFormat.WireType.LengthDelimited:
                Bytes = ReadBytes();
                break;
            default:
                Skip(type);
                break;
        }

        return true;
    }

    /// <summary>On to the next field of this number that has bytes.</summary>
    /// <inheritdoc cref="Next"/>
    public bool Next(int field)
    {
        while (Next())
        {
            if (IsBytes && Field == field)
            {
                return true;
            }
        }

        return false;
    }

    private WireFormat.WireType ReadTag()
    {
        uint tag = (uint)ReadVarint();
        Field = WireFormat.GetTagFieldNumber(tag);
        return Field > 0 ? WireFormat.GetTagWireType(tag) : throw new InvalidDataException("there is no field 0");
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (int shift = 0; shift < VarintBits; shift += 7)
        {
            if (Position == _message.Length)
            {
                throw EndsWithin();
            }

            byte part = _message[Position++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException($"a number of more than ten bytes at {Position}");
    }

    private ReadOnlySpan<byte> ReadBytes()
    {
        int length = (int)(uint)ReadVarint();
        return length >= 0
            ? Take(length)
            : throw new InvalidDataException($"field {Field} has {length} bytes");
    }

    // A group is not called anything here: it, and all in it, is over at its end tag.
    private void Skip(WireFormat.WireType type)
    {
        int field = Field;
        Span<int> open = stackalloc int[MaxGroupDepth];
        int depth = 0;
        while (true)
        {
            switch (type)
            {
                case WireFormat.WireType.Varint:
                    ReadVarint();
                    break;
                case WireFormat.WireType.Fixed64:
                    Take(sizeof(ulong));
                    break;
                case WireFormat.WireType.LengthDelimited:
                    ReadBytes();
                    break;
                case WireFormat.WireType.StartGroup when depth < MaxGroupDepth:
                    open[depth++] = Field;
                    break;
                case WireFormat.WireType.EndGroup when depth > 0 && open[depth - 1] == Field:
                    depth--;
                    break;
                case WireFormat.WireType.Fixed32:
                    Take(sizeof(uint));
                    break;
                default:
                    throw new InvalidDataException($"field {Field} is of wire type {type:D} at {Position}");
            }

            if (depth == 0)
            {
                Field = field;
                return;
            }

            type = ReadTag();
        }
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _message.Length - Position)
        {
            throw EndsWithin();
        }

        ReadOnlySpan<byte> taken = _message.Slice(Position, length);
        Position += length;
        return taken;
    }

    private readonly InvalidDataException EndsWithin() => new($"it ends within field {Field}");
}
