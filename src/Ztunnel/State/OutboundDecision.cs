using System.Diagnostics.CodeAnalysis;

namespace Ztunnel.State;

/// <summary>A route, or the text of the error for which the connection is dropped.</summary>
internal readonly record struct OutboundDecision
{
    private OutboundDecision(OutboundRoute? route, string? error) => (Route, Error) = (route, error);

    public OutboundRoute? Route { get; }

    public string? Error { get; }

    [MemberNotNullWhen(true, nameof(Route))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool HasRoute => Route is not null;

    public static implicit operator OutboundDecision(OutboundRoute route) => new(route, null);

    public static OutboundDecision Refused(string error) => new(null, error);
}
