namespace Ztunnel.Hbone;

/// <summary>
/// What <see cref="Http2Connection.OnTick"/> asks of the owner. What is to be sent is already in the output.
/// </summary>
public enum TickDecision
{
    /// <summary>Go on.</summary>
    None,

    /// <summary>No PONG in time: send what is in the output as far as the socket takes it, and close.</summary>
    KeepAliveTimeout,

    /// <summary>A stall or a hold went over its limit: GOAWAY is queued; send and close.</summary>
    Abuse,
}
