using System.Diagnostics.CodeAnalysis;

namespace Ztunnel.State;

/// <summary>A route, or the HTTP status and the text of the error with which a request is refused.</summary>
internal readonly record struct InboundDecision
{
    private InboundDecision(InboundRoute? route, int status, string? error) => (Route, Status, Error) = (route, status, error);

    public InboundRoute? Route { get; }

    public int Status { get; }

    public string? Error { get; }

    [MemberNotNullWhen(true, nameof(Route))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool HasRoute => Route is not null;

    public static implicit operator InboundDecision(InboundRoute route) => new(route, 200, null);

    /// <summary>The peer asked for what does not belong here.</summary>
    public static InboundDecision BadRequest(string error) => new(null, 400, error);

    /// <summary>It belongs here and cannot be served.</summary>
    public static InboundDecision Unavailable(string error) => new(null, 503, error);
}
