using System.Buffers.Binary;
using System.Text;
using Ztunnel.Dns.Messages;
using Ztunnel.Linux;

namespace Ztunnel.Tests.Dns.Messages;

/// <summary>Messages as tests write and read them, independent of what is tested.</summary>
internal static class Wire
{
    public const ushort A = 1;
    public const ushort Aaaa = 28;

    /// <summary>A name without compression; a last dot may be there.</summary>
    public static byte[] Name(string name)
    {
        List<byte> bytes = [];
        foreach (string label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            bytes.Add((byte)label.Length);
            bytes.AddRange(Encoding.Latin1.GetBytes(label));
        }

        return [.. bytes, 0];
    }

    public static byte[] Header(
        ushort id, int flags, int questions = 1, int answers = 0, int authorities = 0, int additionals = 0)
    {
        byte[] header = new byte[12];
        int[] words = [id, flags, questions, answers, authorities, additionals];
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2 * i), (ushort)words[i]);
        }

        return header;
    }

    /// <param name="payload">Null: no OPT.</param>
    public static byte[] Query(
        string name, ushort type = A, ushort id = 0x1234, int flags = 0x0100, ushort? payload = null, bool dnssec = false,
        ushort @class = 1) =>
    [
        .. Header(id, flags, additionals: payload is null ? 0 : 1),
        .. Name(name),
        .. Word(type),
        .. Word(@class),
        .. payload is { } size ? Options(size, dnssec) : [],
    ];

    public static byte[] Options(ushort payload, bool dnssec = false, byte version = 0) =>
        [0, .. Word(41), .. Word(payload), 0, version, (byte)(dnssec ? 0x80 : 0), 0, 0, 0];

    public static byte[] Record(string owner, ushort type, byte[] data, uint ttl = 60) =>
        [.. Name(owner), .. Word(type), .. Word(1), .. Word((ushort)(ttl >> 16)), .. Word((ushort)ttl), .. Word((ushort)data.Length), .. data];

    public static byte[] Word(ushort value) => [(byte)(value >> 8), (byte)value];

    /// <summary>Flags, question and records of an answer, with every name written out.</summary>
    public static Answer Read(ReadOnlySpan<byte> message)
    {
        DnsHeader header = DnsHeader.Read(message);
        int offset = 12;
        string question = "";
        for (int i = 0; i < header.Questions; i++)
        {
            question = NameAt(message, ref offset);
            offset += 4;
        }

        List<string> records = [];
        for (int i = 0; i < header.Records; i++)
        {
            records.Add(RecordAt(message, ref offset));
        }

        Assert.Equal(message.Length, offset); // nothing behind the last record
        return new Answer(header, question, records);
    }

    private static string RecordAt(ReadOnlySpan<byte> message, ref int offset)
    {
        string owner = NameAt(message, ref offset);
        ushort type = BinaryPrimitives.ReadUInt16BigEndian(message[offset..]);
        ushort @class = BinaryPrimitives.ReadUInt16BigEndian(message[(offset + 2)..]);
        uint ttl = BinaryPrimitives.ReadUInt32BigEndian(message[(offset + 4)..]);
        int length = BinaryPrimitives.ReadUInt16BigEndian(message[(offset + 8)..]);
        int data = offset + 10;
        offset = data + length;
        return type switch
        {
            41 => $"OPT {@class} {ttl:x8} {length}",
            5 => $"{owner} {ttl} CNAME {NameAt(message, ref data)}",
            _ => $"{owner} {ttl} {(type == A ? "A" : "AAAA")} {InetAddress.FromBytes(message.Slice(data, length))}",
        };
    }

    private static string NameAt(ReadOnlySpan<byte> message, ref int offset)
    {
        byte[] name = new byte[DnsName.MaxSize];
        Assert.True(DnsName.TryRead(message, ref offset, name, out int size));
        StringBuilder text = new();
        for (int at = 0; name[at] != 0; at += 1 + name[at])
        {
            text.Append(Encoding.Latin1.GetString(name, at + 1, name[at])).Append('.');
        }

        Assert.True(size > 0);
        return text.ToString();
    }

    internal sealed record Answer(DnsHeader Header, string Question, IReadOnlyList<string> Records);
}
