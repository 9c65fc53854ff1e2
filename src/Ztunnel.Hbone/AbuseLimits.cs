namespace Ztunnel.Hbone;

/// <summary>
/// What one connection may do before it is told ENHANCE_YOUR_CALM. Each rate is a <see cref="BucketLimit"/>: a burst
/// that is always allowed, and a refill per second. The defaults sit far above what ztunnel, Envoy and Go peers do at
/// full load; fairness on the worker, not these numbers, divides the processor.
/// </summary>
public sealed record AbuseLimits
{
    /// <summary>
    /// Peer resets before our answer. The burst exceeds <see cref="Http2Options.MaxConcurrentStreams"/>: a pod that
    /// dies cancels all its pending streams at once. Every accepted stream gives one token back.
    /// </summary>
    public BucketLimit RapidReset { get; init; } = new(250, 20);

    /// <summary>
    /// Peer resets of accepted streams that carried no byte, and of streams closed too long ago to remember.
    /// </summary>
    public BucketLimit ResetFlood { get; init; } = new(5_000, 1_000);

    /// <summary>Stream errors and refused streams; the reference counts to 1024 and never forgets.</summary>
    public BucketLimit StreamErrors { get; init; } = new(1_024, 100);

    /// <summary>Size of one encoded header block, in multiples of the header list limit.</summary>
    public int HeaderBlockFactor { get; init; } = 2;

    /// <summary>
    /// Decoded size of one header list, in multiples of the limit: between 1 and this, the answer is 431.
    /// </summary>
    public int HeaderBombFactor { get; init; } = 4;

    /// <summary>CONTINUATION frames without a byte, per header block.</summary>
    public int EmptyContinuations { get; init; } = 8;

    /// <summary>Header octets, decoded. Every answered request gives some back.</summary>
    public BucketLimit HeaderOctets { get; init; } = new(4 * 1024 * 1024, 1024 * 1024);

    /// <summary>Larger than the header block of any honest CONNECT.</summary>
    public int HeaderRefundPerStream { get; init; } = 8 * 1024;

    /// <summary>The header list of an ordinary CONNECT, for one that was answered with an error.</summary>
    public int HeaderRefundPerRefusal { get; init; } = 1024;

    /// <summary>Dynamic table size updates: a peer sends one after our SETTINGS, if at all.</summary>
    public BucketLimit HpackThrash { get; init; } = new(32, 1);

    /// <summary>DATA without payload or END_STREAM: never of use, now and then an artefact.</summary>
    public BucketLimit EmptyData { get; init; } = new(100, 10);

    /// <summary>
    /// DATA below <see cref="TinyDataBytes"/>: key strokes, and one-byte request loops on hundreds of streams.
    /// </summary>
    public BucketLimit TinyData { get; init; } = new(400_000, 200_000);

    public int TinyDataBytes { get; init; } = 16;

    /// <summary>PINGs we must answer. One token comes back per 4 KiB of payload received.</summary>
    public BucketLimit Ping { get; init; } = new(200, 20);

    public BucketLimit Settings { get; init; } = new(40, 2);

    /// <summary>
    /// WINDOW_UPDATEs. Each DATA frame we send gives three back and one more per 256 bytes: some peers credit
    /// connection and stream for every frame, however small.
    /// </summary>
    public BucketLimit WindowUpdate { get; init; } = new(20_000, 1_000);

    public BucketLimit UselessFrames { get; init; } = new(200, 20);

    /// <summary>
    /// A stream window shut this long while data waits counts as held. Long, because an application may pause: TCP
    /// would let it, and a held stream costs us what its socket had buffered.
    /// </summary>
    public TimeSpan ZeroWindowHold { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>More held streams than this end the connection.</summary>
    public int ZeroWindowStreams { get; init; } = 8;

    /// <summary>Preface and first SETTINGS, and the ACK of ours, each within this after the start.</summary>
    public TimeSpan SettingsDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From the first octet of a header block or control frame to its last.</summary>
    public TimeSpan FrameDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Unsent answers that the peer caused. Above it the peer plainly does not read.</summary>
    public int OutputBytes { get; init; } = 256 * 1024;
}
