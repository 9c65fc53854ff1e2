using System.Buffers.Binary;
using System.Text;
using Ztunnel.Linux;

namespace Ztunnel.Dns.Messages;

/// <summary>A question of our own for the addresses of a name, and what its answer comes to.</summary>
internal static class NameQuery
{
    private const int RecordTail = 10; // type, class, TTL, length
    private const ushort ClassIn = 1;

    /// <param name="name">Labels with dots between them; a last dot may be there.</param>
    /// <returns>Null: it is no name.</returns>
    public static byte[]? Create(string name, bool v6)
    {
        byte[] message = new byte[DnsHeader.Size + DnsName.MaxSize + 4];
        int at = DnsHeader.Size;
        foreach (string label in (name.EndsWith('.') ? name[..^1] : name).Split('.'))
        {
            byte[] bytes = Encoding.UTF8.GetBytes(label);
            if (bytes.Length is 0 or > DnsName.MaxLabel || at + 1 + bytes.Length >= DnsHeader.Size + DnsName.MaxSize)
            {
                return null;
            }

            message[at] = (byte)bytes.Length;
            bytes.CopyTo(message, at + 1);
            at += 1 + bytes.Length;
        }

        at++; // the root's zero
        new DnsHeader(0, DnsFlags.RecursionDesired, Questions: 1, 0, 0, 0).WriteTo(message);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(at), v6 ? RecordType.Aaaa : RecordType.A);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(at + 2), ClassIn);
        return message[..(at + 4)];
    }

    /// <summary>The first of the family in the answer section, whoever owns it.</summary>
    public static InetAddress? FirstAddress(ReadOnlySpan<byte> answer, bool v6)
    {
        DnsHeader header = DnsHeader.Read(answer);
        int offset = DnsQuery.EndOfFirstQuestion(answer);
        if (offset == 0 || header.Code != ResponseCode.NoError)
        {
            return null;
        }

        for (int i = 0; i < header.Answers; i++)
        {
            if (!DnsName.TrySkip(answer, ref offset) || offset + RecordTail > answer.Length)
            {
                return null;
            }

            ReadOnlySpan<byte> tail = answer.Slice(offset, RecordTail);
            int size = BinaryPrimitives.ReadUInt16BigEndian(tail[8..]);
            int data = offset + RecordTail;
            offset = data + size;
            if (offset > answer.Length)
            {
                return null;
            }

            bool isWanted = BinaryPrimitives.ReadUInt16BigEndian(tail) == (v6 ? RecordType.Aaaa : RecordType.A);
            if (isWanted && size == (v6 ? 16 : 4))
            {
                return InetAddress.FromBytes(answer.Slice(data, size));
            }
        }

        return null;
    }
}
