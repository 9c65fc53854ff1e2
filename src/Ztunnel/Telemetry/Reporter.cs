namespace Ztunnel.Telemetry;

/// <summary>
/// Which side of a connection this proxy reports: label <c>reporter</c>, and the log's <c>direction</c>.
/// </summary>
internal enum Reporter : byte
{
    /// <summary>Outbound: the client's proxy.</summary>
    Source,

    /// <summary>Inbound, HBONE and plaintext alike.</summary>
    Destination,
}
