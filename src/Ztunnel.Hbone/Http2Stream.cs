using Ztunnel.Hbone.Http2;

namespace Ztunnel.Hbone;

/// <summary>One stream. Owned by its connection's worker; all calls go through the connection.</summary>
public sealed class Http2Stream
{
    internal Http2Stream(int id, int sendWindow, int receiveWindow)
    {
        Id = id;
        SendWindow = new SendWindow(sendWindow);
        ReceiveWindow = new FlowWindow(receiveWindow);
    }

    public int Id { get; }

    /// <summary>The relay this stream belongs to; the connection never looks at it.</summary>
    public object? Owner { get; set; }

    /// <summary>END_STREAM was sent.</summary>
    public bool IsLocalEnded { get; internal set; }

    /// <summary>END_STREAM was received.</summary>
    public bool IsRemoteEnded { get; internal set; }

    /// <summary>Reset by either side.</summary>
    public bool IsReset { get; internal set; }

    /// <summary>Nothing more can be sent or received.</summary>
    public bool IsClosed { get; internal set; }

    /// <summary>Data waits for a window; OnWritable will be raised.</summary>
    public bool IsBlocked { get; internal set; }

    /// <summary>Server: the response was sent. Client: the final response has come.</summary>
    public bool IsAnswered { get; internal set; }

    internal bool IsConnect { get; init; } = true;

    /// <summary>In the queue of streams that may send as soon as the connection window lets them.</summary>
    internal bool IsQueued { get; set; }

    internal bool HasCarriedData { get; set; }

    /// <summary>Given to the owner, not yet credited.</summary>
    internal int Uncredited { get; set; }

    internal long BlockedSince { get; set; }

    internal Http2Stream? NextReady { get; set; }

    internal Http2Stream? PreviousReady { get; set; }

    // Fields: mutable structs are changed in place.
    internal SendWindow SendWindow;
    internal FlowWindow ReceiveWindow;
}
