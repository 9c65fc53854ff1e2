namespace Ztunnel.State;

/// <summary>
/// One authorization policy: it matches when any of its rules does. What matching means is Policy's business.
/// </summary>
internal sealed class Authorization
{
    public required string Name { get; init; }

    public required string Namespace { get; init; }

    public PolicyScope Scope { get; init; }

    public PolicyAction Action { get; init; }

    public AuthorizationRule[] Rules { get; init; } = [];

    /// <summary>Evaluated and logged, never enforced.</summary>
    public bool IsDryRun { get; init; }

    /// <summary><c>namespace/name</c>.</summary>
    public string Key => field ??= $"{Namespace}/{Name}";
}
