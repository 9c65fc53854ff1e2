using Ztunnel.Dns.Messages;

namespace Ztunnel.Dns.Forwarding;

/// <summary>
/// Whether a message answers a query (RFC 5452 §9.1): its id, its question; that it comes from the server's address and
/// port, to a port drawn at random, the connected socket has seen to.
/// </summary>
internal static class AnswerCheck
{
    /// <param name="query">As it was sent.</param>
    public static bool IsAnswer(ReadOnlySpan<byte> message, ReadOnlySpan<byte> query)
    {
        if (message.Length < DnsHeader.Size)
        {
            return false;
        }

        DnsHeader answer = DnsHeader.Read(message);
        DnsHeader asked = DnsHeader.Read(query);
        if (!answer.IsResponse || answer.Id != asked.Id || ((answer.Flags ^ asked.Flags) & DnsFlags.Opcode) != 0)
        {
            return false;
        }

        // Servers that refuse, or answer another opcode, may leave the question out.
        return answer.Questions == 0
            ? answer.Code is not (ResponseCode.NoError or ResponseCode.NameError) || !asked.IsQuery
            : HaveSameQuestion(message, query);
    }

    /// <summary>The first questions are the same but for letter case.</summary>
    public static bool HaveSameQuestion(ReadOnlySpan<byte> message, ReadOnlySpan<byte> query)
    {
        int end = DnsQuery.EndOfFirstQuestion(message);
        if (end != DnsQuery.EndOfFirstQuestion(query) || end == 0)
        {
            return end == 0 && DnsHeader.Read(query).Questions == 0;
        }

        ReadOnlySpan<byte> one = message[DnsHeader.Size..end];
        ReadOnlySpan<byte> other = query[DnsHeader.Size..end];
        Span<byte> lower = stackalloc byte[2 * (DnsName.MaxSize + 4)];
        DnsName.Lower(one[..^4], lower);
        DnsName.Lower(other[..^4], lower[one.Length..]);
        return lower[..(one.Length - 4)].SequenceEqual(lower.Slice(one.Length, one.Length - 4))
            && one[^4..].SequenceEqual(other[^4..]);
    }
}
