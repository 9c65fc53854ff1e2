using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Ztunnel.Hbone;

/// <summary>W3C trace context as HBONE carries it: <c>00-trace id-parent id-00</c>.</summary>
public readonly record struct TraceParent(UInt128 TraceId, ulong ParentId)
{
    /// <summary>Of the header value.</summary>
    public const int Length = 55;

    public static TraceParent CreateRandom()
    {
        Span<byte> random = stackalloc byte[24];
        RandomNumberGenerator.Fill(random);
        return new TraceParent(
            BinaryPrimitives.ReadUInt128BigEndian(random), BinaryPrimitives.ReadUInt64BigEndian(random[16..]));
    }

    /// <summary>
    /// 55 characters, the first four fields hexadecimal numbers that fit 8, 128, 64 and 8 bits. Fewer fields are
    /// malformed, whatever the length.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out TraceParent result)
    {
        result = default;
        if (value.Length != Length
            || !TryTakeField(ref value, byte.MaxValue, out _)
            || !TryTakeField(ref value, UInt128.MaxValue, out UInt128 traceId)
            || !TryTakeField(ref value, ulong.MaxValue, out UInt128 parentId)
            || !TryTakeField(ref value, byte.MaxValue, out _))
        {
            return false;
        }

        result = new TraceParent(traceId, (ulong)parentId);
        return true;
    }

    /// <summary>Writes exactly <see cref="Length"/> octets.</summary>
    public void Format(Span<byte> output)
    {
        "00-"u8.CopyTo(output);
        WriteHex(output[3..19], (ulong)(TraceId >> 64));
        WriteHex(output[19..35], (ulong)TraceId);
        output[35] = (byte)'-';
        WriteHex(output[36..52], ParentId);
        "-00"u8.CopyTo(output[52..]);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"00-{TraceId:x32}-{ParentId:x16}-00");

    private static void WriteHex(Span<byte> output, ulong value)
    {
        for (int i = output.Length - 1; i >= 0; i--, value >>= 4)
        {
            output[i] = "0123456789abcdef"u8[(int)(value & 0xf)];
        }
    }

    // The field up to the next dash; what is behind a fourth field is nobody's business.
    private static bool TryTakeField(scoped ref ReadOnlySpan<byte> rest, UInt128 most, out UInt128 number)
    {
        int dash = rest.IndexOf((byte)'-');
        ReadOnlySpan<byte> field = dash < 0 ? rest : rest[..dash];
        rest = dash < 0 ? default : rest[(dash + 1)..];
        number = 0;
        foreach (byte character in field)
        {
            int digit = HexDigit(character);
            if (digit < 0 || number > most >> 4)
            {
                return false;
            }

            number = (number << 4) | (uint)digit;
        }

        return !field.IsEmpty;
    }

    private static int HexDigit(byte character) => character switch
    {
        >= (byte)'0' and <= (byte)'9' => character - '0',
        >= (byte)'a' and <= (byte)'f' => character - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => character - 'A' + 10,
        _ => -1,
    };
}
