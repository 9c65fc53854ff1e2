using System.Buffers.Binary;
using Ztunnel.Linux;

namespace Ztunnel.Dns.Messages;

/// <summary>
/// Writes an answer of our own: header, the question as it came, whole records as long as they fit, and the OPT for
/// which room is kept from the start, so that a truncated answer has it too (RFC 6891 §7). Names that are there already
/// are pointed to.
/// </summary>
internal ref struct AnswerWriter
{
    private const int PointerSize = 2;
    private const int FixedSize = 10; // type, class, TTL, length
    private const int PointerMark = 0xC000;
    private const ushort ClassIn = 1;

    private readonly Span<byte> _message;
    private readonly DnsHeader _query;
    private readonly Edns _edns;
    private readonly uint _ttl;
    private readonly int _limit; // without the OPT
    private readonly ReadOnlySpan<byte> _owner; // to be written with the first record; empty: pointed to from the start
    private int _ownerAt;
    private ushort _answers;

    /// <param name="message">At least as long as header and question together, and as the limit.</param>
    /// <param name="owner">Of the first record, in lower case.</param>
    /// <param name="isOwnerAsked">The owner is the question's name to the letter.</param>
    /// <param name="limit">Bytes of the whole message.</param>
    public AnswerWriter(
        Span<byte> message, in DnsQuery query, ReadOnlySpan<byte> owner, bool isOwnerAsked, int limit, TimeSpan ttl)
    {
        _message = message;
        (_query, _edns) = (query.Header, query.Edns);
        _ttl = (uint)ttl.TotalSeconds;
        _limit = limit - (query.Edns.IsPresent ? Edns.RecordSize : 0);
        query.Question.CopyTo(message[DnsHeader.Size..]);
        Length = DnsHeader.Size + query.Question.Length;
        _owner = isOwnerAsked ? default : owner;
        _ownerAt = isOwnerAsked ? DnsHeader.Size : 0;
    }

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>A record did not fit; none is taken after it.</summary>
    public bool IsTruncated { get; private set; }

    public readonly int Answers => _answers;

    /// <summary>From the owner to another name, which owns the records that follow.</summary>
    public void AddAlias(ReadOnlySpan<byte> target)
    {
        if (!TryBegin(RecordType.CanonicalName, target.Length, out Span<byte> data))
        {
            return;
        }

        target.CopyTo(data);
        _ownerAt = Length - target.Length;
    }

    /// <returns>False: it did not fit.</returns>
    public bool TryAdd(InetAddress address)
    {
        ushort type = address.IsV6 ? RecordType.Aaaa : RecordType.A;
        if (!TryBegin(type, address.BitLength / 8, out Span<byte> data))
        {
            return false;
        }

        address.WriteTo(data);
        return true;
    }

    /// <returns>The length of the message.</returns>
    public int End()
    {
        DnsFlags flags = (_query.Flags & DnsFlags.Copied)
            | DnsFlags.Response | DnsFlags.Authoritative | DnsFlags.RecursionAvailable;
        new DnsHeader(
            _query.Id,
            IsTruncated ? flags | DnsFlags.Truncated : flags,
            Questions: 1,
            _answers,
            Authorities: 0,
            Additionals: (ushort)(_edns.IsPresent ? 1 : 0)).WriteTo(_message);
        if (_edns.IsPresent)
        {
            WriteOptions(_message.Slice(Length, Edns.RecordSize));
            Length += Edns.RecordSize;
        }

        return Length;
    }

    private bool TryBegin(ushort type, int dataSize, out Span<byte> data)
    {
        int ownerSize = _ownerAt > 0 ? PointerSize : _owner.Length;
        if (IsTruncated || Length + ownerSize + FixedSize + dataSize > _limit)
        {
            IsTruncated = true;
            data = default;
            return false;
        }

        Span<byte> record = _message[Length..];
        if (_ownerAt > 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(record, (ushort)(PointerMark | _ownerAt));
        }
        else
        {
            _owner.CopyTo(record);
            _ownerAt = Length;
        }

        record = record[ownerSize..];
        BinaryPrimitives.WriteUInt16BigEndian(record, type);
        BinaryPrimitives.WriteUInt16BigEndian(record[2..], ClassIn);
        BinaryPrimitives.WriteUInt32BigEndian(record[4..], _ttl);
        BinaryPrimitives.WriteUInt16BigEndian(record[8..], (ushort)dataSize);
        data = record.Slice(FixedSize, dataSize);
        Length += ownerSize + FixedSize + dataSize;
        _answers++;
        return true;
    }

    private readonly void WriteOptions(Span<byte> record)
    {
        record[0] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(record[1..], RecordType.Options);
        BinaryPrimitives.WriteUInt16BigEndian(record[3..], (ushort)_edns.Limit);
        record[5] = 0;
        record[6] = _edns.Version;
        BinaryPrimitives.WriteUInt16BigEndian(record[7..], (ushort)(_edns.DnssecOk ? 0x8000 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(record[9..], 0);
    }
}
