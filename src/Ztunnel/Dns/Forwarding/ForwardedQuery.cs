using System.Buffers;
using System.Buffers.Binary;
using Ztunnel.Dns.Messages;

namespace Ztunnel.Dns.Forwarding;

/// <summary>
/// A query as the client sent it, but for its id, and who waits for the answer. Told exactly once what became of it.
/// </summary>
internal sealed class ForwardedQuery
{
    private const int Prefix = 2; // the length that goes before a message on TCP (RFC 1035 §4.2.2)

    private readonly byte[] _buffer;
    private readonly int _length;
    private readonly ushort _clientId;
    private readonly IReplyTo _client;
    private readonly Action<ForwardedQuery, ForwardResult> _ended;
    private bool _hasEnded;

    /// <param name="type">The question's, as metrics call it.</param>
    /// <param name="ended">What else there is to be done when it has ended, before the client hears of it.</param>
    public ForwardedQuery(
        ReadOnlySpan<byte> message, ushort id, string type, IReplyTo client, Action<ForwardedQuery, ForwardResult> ended)
    {
        (Id, Type, _client, _ended) = (id, type, client, ended);
        _length = message.Length;
        _clientId = DnsHeader.Read(message).Id;
        _buffer = ArrayPool<byte>.Shared.Rent(Prefix + message.Length);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer, (ushort)message.Length);
        message.CopyTo(_buffer.AsSpan(Prefix));
        BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(Prefix), id);
    }

    public ushort Id { get; }

    public string Type { get; }

    public bool IsOverTcp => _client.IsOverTcp;

    /// <summary>What owns its sockets, to be closed with the pod.</summary>
    public IExchange? Exchange { get; set; }

    /// <summary>With our id.</summary>
    public ReadOnlySpan<byte> Message => _buffer.AsSpan(Prefix, _length);

    /// <summary>With its length in front.</summary>
    public ReadOnlySpan<byte> Framed => _buffer.AsSpan(0, Prefix + _length);

    /// <summary>Passes an answer on, in place: with the client's id, and cut where it is too long for the client.</summary>
    public void Complete(Span<byte> answer)
    {
        if (!TryEnd(new ForwardResult(DnsHeader.Read(answer), null)))
        {
            return;
        }

        BinaryPrimitives.WriteUInt16BigEndian(answer, _clientId);
        int length = answer.Length <= _client.Limit ? answer.Length : ErrorAnswer.Truncate(answer);
        _client.Reply(answer[..length]);
        Return();
    }

    /// <summary>No server has answered, or there is none.</summary>
    public void Fail(string reason)
    {
        if (!TryEnd(new ForwardResult(default, reason)))
        {
            return;
        }

        Span<byte> answer = stackalloc byte[DnsHeader.Size + DnsName.MaxSize + 4];
        int length = ErrorAnswer.Write(answer, Message, ResponseCode.ServerFailure);
        BinaryPrimitives.WriteUInt16BigEndian(answer, _clientId);
        _client.Reply(answer[..length]);
        Return();
    }

    /// <summary>The pod is gone, and whoever asked with it.</summary>
    public void Abandon()
    {
        Exchange?.Close();
        if (TryEnd(new ForwardResult(default, "the pod is gone")))
        {
            Return();
        }
    }

    private bool TryEnd(ForwardResult result)
    {
        if (_hasEnded)
        {
            return false;
        }

        _hasEnded = true;
        _ended(this, result);
        return true;
    }

    private void Return() => ArrayPool<byte>.Shared.Return(_buffer);
}
