namespace Ztunnel.Hbone;

/// <summary>
/// What one slice may process before <see cref="Http2Connection.Receive(ReadOnlySpan{byte}, ref ReceiveBudget, long)"/>
/// stops early. A byte bound alone would let a peer of tiny frames or large header blocks hold the worker.
/// </summary>
public struct ReceiveBudget
{
    /// <summary>Frames left.</summary>
    public int Frames { get; set; }

    /// <summary>Header octets left.</summary>
    public int HeaderOctets { get; set; }

    /// <summary>Payloads left that may be handed to their streams: each may cost its owner a system call.</summary>
    public int Deliveries { get; set; }

    public static ReceiveBudget Unlimited => new()
    {
        Frames = int.MaxValue,
        HeaderOctets = int.MaxValue,
        Deliveries = int.MaxValue,
    };

    public readonly bool IsUsedUp => Frames <= 0 || HeaderOctets <= 0 || Deliveries <= 0;
}
