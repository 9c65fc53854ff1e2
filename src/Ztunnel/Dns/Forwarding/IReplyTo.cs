namespace Ztunnel.Dns.Forwarding;

/// <summary>Where an answer goes that was not there at once. The DNS thread's.</summary>
internal interface IReplyTo
{
    bool IsOverTcp { get; }

    /// <summary>Bytes the client takes.</summary>
    int Limit { get; }

    /// <summary>Called once for every query. Whoever asked may be gone by now: then nothing happens.</summary>
    void Reply(ReadOnlySpan<byte> message);
}
