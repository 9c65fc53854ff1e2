using System.Diagnostics.CodeAnalysis;

namespace Ztunnel.Policy;

/// <summary>Allowed, or refused for a reason that logs name.</summary>
internal readonly record struct PolicyVerdict
{
    private PolicyVerdict(string? reason) => Reason = reason;

    public static PolicyVerdict Allowed => default;

    /// <summary>Without the words in front of it that say "policy rejection".</summary>
    public string? Reason { get; }

    [MemberNotNullWhen(false, nameof(Reason))]
    public bool IsAllowed => Reason is null;

    public static PolicyVerdict Refused(string reason) => new(reason);
}
