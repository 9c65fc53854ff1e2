using System.Buffers.Binary;

namespace Ztunnel.Dns.Messages;

/// <summary>
/// A query as it came in, read where it lies. Of its records only OPT matters here; the others are walked over, so that
/// a message that is cut or counts wrongly is told from a whole one.
/// </summary>
internal readonly ref struct DnsQuery
{
    private const int QuestionTail = 4; // type and class
    private const int RecordTail = 10; // type, class, TTL, length
    private const uint DnssecOkBit = 0x8000;

    private DnsQuery(ReadOnlySpan<byte> message, DnsHeader header, int questionEnd, Edns edns)
    {
        Message = message;
        (Header, Edns) = (header, edns);
        Question = message[DnsHeader.Size..questionEnd];
    }

    public ReadOnlySpan<byte> Message { get; }

    public DnsHeader Header { get; }

    /// <summary>Name, type and class, in the client's letters; empty where <see cref="TryRead"/> found no question.</summary>
    public ReadOnlySpan<byte> Question { get; }

    public Edns Edns { get; }

    public ReadOnlySpan<byte> Name => Question[..^QuestionTail];

    public ushort Type => BinaryPrimitives.ReadUInt16BigEndian(Question[^QuestionTail..]);

    public ushort Class => BinaryPrimitives.ReadUInt16BigEndian(Question[^2..]);

    public static QueryStatus TryRead(ReadOnlySpan<byte> message, out DnsQuery query)
    {
        query = default;
        if (message.Length < DnsHeader.Size)
        {
            return QueryStatus.NotAQuery;
        }

        DnsHeader header = DnsHeader.Read(message);
        query = new DnsQuery(message, header, DnsHeader.Size, default);
        if (header.IsResponse || !header.IsQuery)
        {
            return header.IsResponse ? QueryStatus.NotAQuery : QueryStatus.OtherOpcode;
        }

        int offset = DnsHeader.Size;
        int questionEnd = 0;
        for (int i = 0; i < header.Questions; i++)
        {
            if (!TrySkipQuestion(message, ref offset))
            {
                return QueryStatus.Malformed;
            }

            questionEnd = i == 0 ? offset : questionEnd;
        }

        if (!TryReadRecords(message, header, offset, out Edns edns))
        {
            return QueryStatus.Malformed;
        }

        if (header.Questions != 1)
        {
            return QueryStatus.NotOneQuestion;
        }

        query = new DnsQuery(message, header, questionEnd, edns);
        return QueryStatus.Question;
    }

    /// <summary>Where the first question ends; 0 if it cannot be read. For messages of any opcode, answers too.</summary>
    public static int EndOfFirstQuestion(ReadOnlySpan<byte> message)
    {
        int offset = DnsHeader.Size;
        return message.Length > DnsHeader.Size && TrySkipQuestion(message, ref offset) ? offset : 0;
    }

    // There is nothing before the first question that a pointer could lead to; later ones are not looked at.
    private static bool TrySkipQuestion(ReadOnlySpan<byte> message, ref int offset)
    {
        int start = offset;
        if (!DnsName.TrySkip(message, ref offset) || (start == DnsHeader.Size && message[offset - 1] != 0))
        {
            return false;
        }

        offset += QuestionTail;
        return offset <= message.Length;
    }

    private static bool TryReadRecords(ReadOnlySpan<byte> message, DnsHeader header, int offset, out Edns edns)
    {
        edns = default;
        int additionals = header.Records - header.Additionals;
        for (int i = 0; i < header.Records; i++)
        {
            int start = offset;
            if (!DnsName.TrySkip(message, ref offset) || offset + RecordTail > message.Length)
            {
                return false;
            }

            ReadOnlySpan<byte> tail = message.Slice(offset, RecordTail);
            offset += RecordTail + BinaryPrimitives.ReadUInt16BigEndian(tail[8..]);
            if (offset > message.Length)
            {
                return false;
            }

            if (BinaryPrimitives.ReadUInt16BigEndian(tail) == RecordType.Options && i >= additionals)
            {
                if (edns.IsPresent || message[start] != 0) // RFC 6891 §6.1.1, §6.1.2
                {
                    return false;
                }

                edns = EdnsOf(tail);
            }
        }

        return true;
    }

    private static Edns EdnsOf(ReadOnlySpan<byte> tail) => new(
        IsPresent: true,
        PayloadSize: BinaryPrimitives.ReadUInt16BigEndian(tail[2..]),
        Version: tail[5],
        DnssecOk: (BinaryPrimitives.ReadUInt32BigEndian(tail[4..]) & DnssecOkBit) != 0);
}
