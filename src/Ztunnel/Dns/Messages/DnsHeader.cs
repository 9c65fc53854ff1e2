using System.Buffers.Binary;

namespace Ztunnel.Dns.Messages;

/// <summary>The first twelve bytes of a message (RFC 1035 §4.1.1).</summary>
internal readonly record struct DnsHeader(
    ushort Id, DnsFlags Flags, ushort Questions, ushort Answers, ushort Authorities, ushort Additionals)
{
    public const int Size = 12;

    public bool IsResponse => (Flags & DnsFlags.Response) != 0;

    public bool IsQuery => (Flags & DnsFlags.Opcode) == 0;

    public ResponseCode Code => (ResponseCode)(Flags & DnsFlags.Code);

    public int Records => Answers + Authorities + Additionals;

    /// <param name="message">At least <see cref="Size"/> bytes.</param>
    public static DnsHeader Read(ReadOnlySpan<byte> message) => new(
        Word(message, 0), (DnsFlags)Word(message, 2), Word(message, 4), Word(message, 6), Word(message, 8), Word(message, 10));

    /// <param name="message">At least <see cref="Size"/> bytes.</param>
    public void WriteTo(Span<byte> message)
    {
        BinaryPrimitives.WriteUInt16BigEndian(message, Id);
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], (ushort)Flags);
        BinaryPrimitives.WriteUInt16BigEndian(message[4..], Questions);
        BinaryPrimitives.WriteUInt16BigEndian(message[6..], Answers);
        BinaryPrimitives.WriteUInt16BigEndian(message[8..], Authorities);
        BinaryPrimitives.WriteUInt16BigEndian(message[10..], Additionals);
    }

    private static ushort Word(ReadOnlySpan<byte> message, int at) => BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
}
