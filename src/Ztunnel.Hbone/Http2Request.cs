namespace Ztunnel.Hbone;

/// <summary>
/// What of a request the proxy uses. Equal header values of successive requests on one connection are the same string
/// and the same <see cref="Hbone.Baggage"/> instance.
/// </summary>
public sealed record Http2Request
{
    /// <summary>Anything but CONNECT is passed on too: the proxy answers 400.</summary>
    public required string Method { get; init; }

    /// <summary>Null when the request has none; never empty.</summary>
    public string? Authority { get; init; }

    /// <summary>All baggage lines joined by commas; null when there is none.</summary>
    public string? BaggageText { get; init; }

    /// <summary><see cref="BaggageText"/>, parsed.</summary>
    public Baggage? Baggage { get; init; }

    /// <summary>The first <c>forwarded</c> line.</summary>
    public string? Forwarded { get; init; }

    /// <summary>Null when absent or malformed.</summary>
    public TraceParent? TraceParent { get; init; }

    /// <summary><c>x-forwarded-network</c>.</summary>
    public string? ForwardedNetwork { get; init; }

    public bool IsConnect => Method == "CONNECT";
}
