namespace Ztunnel.Proxy.Pods;

/// <summary>One connection as the config dump shows it.</summary>
/// <param name="OriginalDestination">Inbound: the host the client says it asked for, or null.</param>
/// <param name="Protocol">HBONE, TCP or DOUBLEHBONE.</param>
internal sealed record ConnectionSummary(
    bool IsInbound, string Source, string? OriginalDestination, string ActualDestination, string Protocol);
