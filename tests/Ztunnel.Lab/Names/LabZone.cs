using System.Net;
using System.Text;

namespace Ztunnel.Lab;

/// <summary>
/// What an upstream server says about <c>example.com</c>: ordinary records, every kind of refusal, and names behind
/// which something is wrong. A query's OPT comes back as it was.
/// </summary>
public static class LabZone
{
    private const int Answered = 0x8080; // QR RA; RD is the query's
    private const int Truncated = 0x0200;
    private const int AuthenticData = 0x0020;
    private const ushort A = 1;
    private const ushort CanonicalName = 5;
    private const ushort Authority = 6;
    private const ushort Text = 16;
    private const ushort Aaaa = 28;
    private const ushort Service = 33;

    /// <summary>Bytes of text behind <c>large.example.com</c>; too many for UDP.</summary>
    public const int LargeText = 60_000;

    /// <returns>Messages to send, in order; none for silence.</returns>
    public static IReadOnlyList<byte[]> Answer(LabQuery query)
    {
        string name = query.Name.ToLowerInvariant();
        int opcode = query.Message[2] & 0x78;
        if (opcode != 0)
        {
            return [Message(query, 0x8004 | (opcode << 8), [], [])]; // NOTIMP, with the opcode of the query
        }

        return name switch
        {
            "silent.example.com" => [],
            "refused.example.com" => [Message(query, Answered | 5, [], [])],
            "failing.example.com" => [Message(query, Answered | 2, [], [])],
            "nx.example.com" => [Message(query, Answered | 3, [], [StartOfAuthority()])],
            "nodata.example.com" => [Message(query, Answered, [], [StartOfAuthority()])],
            "forged.example.com" => [.. Forged(query), Message(query, Answered, [Address(name)], [])],
            "garbage.example.com" =>
                [new byte[3], [.. query.Message[..2], 0x81, 0x80, .. Enumerable.Repeat((byte)255, 8), 0xC0, 12]],
            "large.example.com" => [Large(query)],
            "signed.example.com" => [Message(query, Answered | AuthenticData, [Address(name)], [])],
            "alias.example.com" => [WithAddress(query, Record(name, CanonicalName, Name("a.example.com")))],
            "s.example.com" =>
                [WithAddress(query, Record(name, Service, [0, 0, 0, 0, 0, 80, .. Name("a.example.com")]))],
            "a.example.com" => [Message(query, Answered, [Address(name)], [])],
            "aaaa.example.com" => [Message(
                query, Answered, [Record(name, Aaaa, IPAddress.Parse("2001:db8::1").GetAddressBytes())], [])],
            _ => [Message(query, Answered | 3, [], [StartOfAuthority()])],
        };
    }

    private static byte[] WithAddress(LabQuery query, byte[] record) =>
        Message(query, Answered, [record, Address("a.example.com")], []);

    private static byte[] Large(LabQuery query)
    {
        if (!query.IsOverTcp)
        {
            return Message(query, Answered | Truncated, [], []);
        }

        byte[] chunk = [200, .. Encoding.ASCII.GetBytes(new string('x', 200))];
        byte[][] records = [.. Enumerable.Repeat(Record("large.example.com", Text, chunk), LargeText / 200)];
        return Message(query, Answered, records, []);
    }

    // What somebody sends who saw that there was a query but not its id, or not its question.
    private static IEnumerable<byte[]> Forged(LabQuery query)
    {
        byte[] good = Message(query, Answered, [Record("forged.example.com", A, [6, 6, 6, 6])], []);
        yield return [(byte)(good[0] ^ 0x5A), .. good[1..]];
        byte[] other = [.. good];
        other[13] ^= 1; // the first letter of its question
        yield return other;
    }

    private static byte[] Message(LabQuery query, int flags, byte[][] answers, byte[][] authorities)
    {
        byte[] question = query.Question;
        byte[] rest = query.Rest;
        byte[] counts =
        [
            0, (byte)(question.Length > 0 ? 1 : 0), .. Word(answers.Length), 0, (byte)authorities.Length,
            0, (byte)(rest.Length > 0 ? 1 : 0),
        ];
        return
        [
            .. query.Message[..2], .. Word(flags | (query.Message[2] & 1) << 8), .. counts, .. question,
            .. answers.SelectMany(record => record), .. authorities.SelectMany(record => record), .. rest,
        ];
    }

    private static byte[] Address(string owner) => Record(owner, A, [192, 0, 2, 1]);

    private static byte[] StartOfAuthority() => Record(
        "example.com",
        Authority,
        [.. Name("ns.example.com"), .. Name("root.example.com"), .. new byte[] { 0, 0, 0, 7 }, .. new byte[16]]);

    private static byte[] Record(string owner, ushort type, byte[] data) =>
        [.. Name(owner), .. Word(type), 0, 1, 0, 0, 0, 60, .. Word(data.Length), .. data];

    private static byte[] Name(string name) =>
        [.. name.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];

    private static byte[] Word(int value) => [(byte)(value >> 8), (byte)value];
}
