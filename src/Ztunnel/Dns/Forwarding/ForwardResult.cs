using Ztunnel.Dns.Messages;

namespace Ztunnel.Dns.Forwarding;

/// <summary>How forwarding ended.</summary>
/// <param name="Answer">The header of what upstream said; meaningless with a failure.</param>
/// <param name="Failure">Why there is no answer; null if there is one.</param>
internal readonly record struct ForwardResult(DnsHeader Answer, string? Failure)
{
    /// <summary>Also of negative answers: names that are not there, and types they do not have.</summary>
    public bool IsFailure => Failure is not null || Answer.Code != ResponseCode.NoError || Answer.Answers == 0;

    /// <summary>As the log has it.</summary>
    public string Text => Failure is not null ? $"forwarding failed ({Failure})"
        : IsFailure ? $"forwarding failed (no records found: {Answer.Code})"
        : "forwarded";
}
