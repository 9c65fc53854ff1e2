namespace Ztunnel.Hbone;

/// <summary>One CONNECT to be sent (RFC 9113 §8.5).</summary>
public readonly record struct ConnectRequest
{
    /// <summary>Sent as it is: gateways match it byte by byte.</summary>
    public required string Authority { get; init; }

    /// <summary>Describes the source workload; may be empty.</summary>
    public required string Baggage { get; init; }

    /// <summary>From <see cref="Hbone.Forwarded.Format"/>.</summary>
    public required string Forwarded { get; init; }

    public required TraceParent TraceParent { get; init; }

    /// <summary>Only on the inner request of double HBONE; null is not sent, the empty string is.</summary>
    public string? ForwardedNetwork { get; init; }
}
