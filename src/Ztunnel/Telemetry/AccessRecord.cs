using Ztunnel.Linux;

namespace Ztunnel.Telemetry;

/// <summary>
/// What the access log says of one connection. Most of it is read from the traffic labels, so that log and metrics
/// cannot disagree; absent values (null, empty, <c>unknown</c>) are left out of the line.
/// </summary>
internal readonly struct AccessRecord
{
    public required TrafficLabels Labels { get; init; }

    /// <summary>The client; for inbound HBONE the peer of the tunnel's own TCP connection.</summary>
    public required InetEndpoint SourceAddress { get; init; }

    /// <summary>Pod name; the canonical service stands in when it is null.</summary>
    public string? SourceName { get; init; }

    /// <summary>
    /// Outbound: the address dialled. Inbound HBONE: the local address with 15008. Plaintext: the original destination.
    /// </summary>
    public required InetEndpoint DestinationAddress { get; init; }

    /// <summary>The <c>:authority</c> as parsed (address or host, with port); HBONE only.</summary>
    public string? HboneAddress { get; init; }

    /// <summary>Pod name; the canonical service stands in when it is null.</summary>
    public string? DestinationName { get; init; }

    /// <summary>Request direction: the figure of <c>istio_tcp_received_bytes_total</c>.</summary>
    public long Received { get; init; }

    /// <summary>Response direction: the figure of <c>istio_tcp_sent_bytes_total</c>.</summary>
    public long Sent { get; init; }

    public TimeSpan Duration { get; init; }

    /// <summary>Why it failed; null for success.</summary>
    public string? Error { get; init; }
}
