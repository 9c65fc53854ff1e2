namespace Ztunnel.Linux;

/// <summary>
/// One watched descriptor. epoll carries its index and generation, so that an event that was already fetched when the
/// descriptor was closed never reaches whoever gets the index next.
/// </summary>
internal sealed class HandlerSlot(int index)
{
    public int Index { get; } = index;
    public uint Generation { get; set; }
    public IEpollHandler? Handler { get; set; }

    /// <summary>Readiness that waits for its account's next slice.</summary>
    public EpollEvents Remembered { get; set; }

    /// <summary>An entry of this generation waits in an account's queue.</summary>
    public bool IsDeferred { get; set; }
}
