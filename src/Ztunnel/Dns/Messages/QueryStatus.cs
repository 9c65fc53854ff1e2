namespace Ztunnel.Dns.Messages;

/// <summary>What a message that came in is, and so what is to be done with it.</summary>
internal enum QueryStatus
{
    /// <summary>One question, whole.</summary>
    Question,

    /// <summary>An opcode other than QUERY: somebody else's affair, passed on unread.</summary>
    OtherOpcode,

    /// <summary>Not a message, or an answer: silence.</summary>
    NotAQuery,

    /// <summary>A header with something behind it that cannot be read.</summary>
    Malformed,

    /// <summary>No question, or several.</summary>
    NotOneQuestion,
}
