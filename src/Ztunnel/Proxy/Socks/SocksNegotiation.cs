using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using Ztunnel.Linux;

namespace Ztunnel.Proxy.Socks;

/// <summary>
/// The server's half of a SOCKS5 negotiation (RFC 1928; no authentication, CONNECT only): the client's bytes in,
/// however they are cut, the replies out. No I/O; what follows the request stays unread, it belongs to the tunnel.
/// </summary>
/// <param name="resolvesNames"><see cref="SocksStatus.NeedAddress"/> is answered; otherwise names are refused.</param>
internal sealed class SocksNegotiation(bool resolvesNames)
{
    private const byte Version = 5;
    private const byte NoAuthentication = 0;
    private const byte ConnectCommand = 1;
    private const byte V4Type = 1;
    private const byte NameType = 3;
    private const byte V6Type = 4;

    private readonly byte[] _field = new byte[byte.MaxValue]; // the longest there is: a name or methods
    private Stage _stage = Stage.Greeting;
    private int _wanted = 2;
    private int _filled;
    private InetAddress _address;

    private enum Stage
    {
        Greeting,
        Methods,
        Request,
        Address,
        NameLength,
        Name,
        Port,
        Done,
    }

    public SocksStatus Status { get; private set; } = SocksStatus.NeedMore;

    /// <summary>Where the client wants to go, once the status is <see cref="SocksStatus.Connect"/>.</summary>
    public InetEndpoint Destination { get; private set; }

    /// <summary>The name the client gave, if it gave one.</summary>
    public string? Host { get; private set; }

    public SocksFailure? Failure { get; private set; }

    /// <param name="input">Cut down to what was not needed.</param>
    /// <param name="reply">At least <see cref="SocksReply.MaxSize"/> bytes; to be sent whatever the status is.</param>
    public SocksStatus Advance(ref ReadOnlySpan<byte> input, Span<byte> reply, out int replyLength)
    {
        replyLength = 0;
        while (Status == SocksStatus.NeedMore && Fill(ref input))
        {
            _filled = 0;
            replyLength += Step(_field.AsSpan(0, _wanted), reply[replyLength..]);
        }

        return Status;
    }

    /// <summary>Answers <see cref="SocksStatus.NeedAddress"/>, once; <see cref="Advance"/> goes on.</summary>
    /// <param name="address">Null: the name has none.</param>
    public SocksStatus Resolve(InetAddress? address, Span<byte> reply, out int replyLength)
    {
        if (Status != SocksStatus.NeedAddress)
        {
            throw new InvalidOperationException("no name is waiting for its address");
        }

        if (address is not { } found)
        {
            replyLength = Fail(SocksReplyCode.HostUnreachable, $"no address for {Host}", reply);
            return Status;
        }

        replyLength = 0;
        _address = found;
        Status = SocksStatus.NeedMore;
        return Status;
    }

    private bool Fill(ref ReadOnlySpan<byte> input)
    {
        int taken = Math.Min(_wanted - _filled, input.Length);
        input[..taken].CopyTo(_field.AsSpan(_filled));
        input = input[taken..];
        _filled += taken;
        return _filled == _wanted;
    }

    private int Step(ReadOnlySpan<byte> field, Span<byte> reply)
    {
        switch (_stage)
        {
            case Stage.Greeting:
                return field[0] != Version ? Violation($"version {field[0]}", reply)
                    : field[1] == 0 ? Violation("no authentication methods", reply)
                    : Expect(Stage.Methods, field[1]);
            case Stage.Methods:
                return SelectMethod(field, reply);
            case Stage.Request:
                return field[0] != Version ? Violation($"version {field[0]}", reply)
                    : field[1] != ConnectCommand ? Violation($"unsupported command {field[1]}", reply)
                    : ExpectAddress(field[3], reply);
            case Stage.Address:
                _address = InetAddress.FromBytes(field);
                return Expect(Stage.Port, 2);
            case Stage.NameLength:
                return field[0] == 0 ? Violation("empty host name", reply) : Expect(Stage.Name, field[0]);
            case Stage.Name:
                return TakeName(field, reply);
            default:
                Destination = new InetEndpoint(_address, BinaryPrimitives.ReadUInt16BigEndian(field));
                Status = SocksStatus.Connect;
                _stage = Stage.Done;
                return SocksReply.Write(reply, SocksReplyCode.Succeeded);
        }
    }

    private int SelectMethod(ReadOnlySpan<byte> methods, Span<byte> reply)
    {
        if (!methods.Contains(NoAuthentication))
        {
            return Violation("client requires authentication", reply);
        }

        SocksReply.MethodSelection.CopyTo(reply);
        Expect(Stage.Request, 4);
        return SocksReply.MethodSelection.Length;
    }

    private int ExpectAddress(byte type, Span<byte> reply) => type switch
    {
        V4Type => Expect(Stage.Address, 4),
        V6Type => Expect(Stage.Address, 16),
        NameType => Expect(Stage.NameLength, 1),
        _ => Violation($"unsupported address type {type}", reply),
    };

    private int TakeName(ReadOnlySpan<byte> name, Span<byte> reply)
    {
        if (!Utf8.IsValid(name))
        {
            return Violation("host name is not UTF-8", reply);
        }

        Host = Encoding.UTF8.GetString(name);
        if (!resolvesNames)
        {
            return Violation("DNS disabled", reply);
        }

        Status = SocksStatus.NeedAddress; // before the port was read, as the original does
        return Expect(Stage.Port, 2);
    }

    private int Expect(Stage next, int bytes)
    {
        (_stage, _wanted) = (next, bytes);
        return 0; // nothing to say about it
    }

    private int Violation(string reason, Span<byte> reply) => Fail(SocksReplyCode.CommandNotSupported, reason, reply);

    private int Fail(SocksReplyCode code, string reason, Span<byte> reply)
    {
        Failure = new SocksFailure(code, reason);
        Status = SocksStatus.Failed;
        _stage = Stage.Done;
        return SocksReply.Write(reply, code);
    }
}
