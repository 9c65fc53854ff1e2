using System.Buffers.Binary;

namespace Ztunnel.Tests.OpenSsl;

/// <summary>A ClientHello as it stands on the wire (RFC 8446 §4.1.2), whole in one record.</summary>
internal sealed class ClientHello
{
    public const int X25519MlKem768 = 0x11EC;
    public const int ServerName = 0;
    public const int SessionTicket = 35;
    public const int CompressCertificate = 27;

    public List<int> Suites { get; private set; } = [];

    public List<int> Versions { get; private set; } = [];

    public List<int> Groups { get; private set; } = [];

    public List<int> KeyShares { get; } = [];

    public byte[] Alpn { get; private set; } = [];

    public List<int> Extensions { get; } = [];

    public static ClientHello Parse(byte[] record)
    {
        ClientHello hello = new();
        int at = 5 + 4 + 2 + 32; // record header, handshake header, version, random
        at += 1 + record[at]; // session id
        int suites = Number(record, at);
        hello.Suites = Numbers(record.AsSpan(at + 2, suites));
        at += 2 + suites;
        at += 1 + record[at]; // compression
        for (at += 2; at < record.Length; at += 4 + Number(record, at + 2))
        {
            hello.Take(Number(record, at), record.AsSpan(at + 4, Number(record, at + 2)));
        }

        return hello;
    }

    private void Take(int extension, ReadOnlySpan<byte> body)
    {
        Extensions.Add(extension);
        switch (extension)
        {
            case 10:
                Groups = Numbers(body[2..]);
                break;
            case 16:
                Alpn = body[2..].ToArray();
                break;
            case 43:
                Versions = Numbers(body[1..]);
                break;
            case 51:
                for (int at = 2; at < body.Length; at += 4 + Number(body, at + 2))
                {
                    KeyShares.Add(Number(body, at));
                }

                break;
        }
    }

    private static int Number(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);

    private static List<int> Numbers(ReadOnlySpan<byte> bytes)
    {
        List<int> numbers = [];
        for (int at = 0; at < bytes.Length; at += 2)
        {
            numbers.Add(Number(bytes, at));
        }

        return numbers;
    }
}
