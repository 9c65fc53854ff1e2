namespace Ztunnel.Linux;

/// <summary>Sizes of a worker.</summary>
public sealed record WorkerOptions
{
    /// <summary>Bytes read from a socket at once; the buffer serves every connection of the worker in turn.</summary>
    public int ReadBufferSize { get; init; } = 256 * 1024;

    /// <summary>Events taken by one epoll_wait.</summary>
    public int EventBatch { get; init; } = 512;

    /// <summary>
    /// What one account may take of a turn where others want the worker too. 50 µs are a few requests of a tunnel; where
    /// a request is much less, the share has to be.
    /// </summary>
    public TimeSpan ContendedShare { get; init; } = TimeSpan.FromMicroseconds(50);

    /// <summary>Worker threads bear the name <c>{NamePrefix}{index}</c>.</summary>
    public string NamePrefix { get; init; } = "ztunnel-";

    /// <summary>The whole name of a thread that is the only one of its kind.</summary>
    public string? Name { get; init; }
}
