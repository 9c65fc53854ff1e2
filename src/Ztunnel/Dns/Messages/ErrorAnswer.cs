namespace Ztunnel.Dns.Messages;

/// <summary>Answers without records: refusals, and answers of others that are too long for who asked.</summary>
internal static class ErrorAnswer
{
    /// <summary>The query's header turned round, with its question where it has one that could be read.</summary>
    /// <param name="answer">At least as long as the query.</param>
    /// <returns>The length of the answer.</returns>
    public static int Write(Span<byte> answer, ReadOnlySpan<byte> query, ResponseCode code)
    {
        DnsHeader header = DnsHeader.Read(query);
        int end = header.Questions == 1 ? DnsQuery.EndOfFirstQuestion(query) : 0;
        bool hasQuestion = end > 0;
        DnsFlags flags = (header.Flags & DnsFlags.Copied) | DnsFlags.Response | DnsFlags.RecursionAvailable;
        int length = hasQuestion ? end : DnsHeader.Size;
        query[DnsHeader.Size..length].CopyTo(answer[DnsHeader.Size..]);
        new DnsHeader(header.Id, flags | (DnsFlags)code, (ushort)(hasQuestion ? 1 : 0), 0, 0, 0).WriteTo(answer);
        return length;
    }

    /// <summary>Cuts an answer down to its question, in place, so that the client asks again over TCP.</summary>
    /// <returns>The new length.</returns>
    public static int Truncate(Span<byte> answer)
    {
        DnsHeader header = DnsHeader.Read(answer);
        int end = header.Questions == 1 ? DnsQuery.EndOfFirstQuestion(answer) : 0;
        bool hasQuestion = end > 0;
        (header with
        {
            Flags = header.Flags | DnsFlags.Truncated,
            Questions = (ushort)(hasQuestion ? 1 : 0),
            Answers = 0,
            Authorities = 0,
            Additionals = 0,
        }).WriteTo(answer);
        return hasQuestion ? end : DnsHeader.Size;
    }
}
