namespace Ztunnel.Hosting;

/// <summary>
/// Tells when a file may have changed: soon after anything happened in its directory, once for a burst. The directory,
/// not the file, because editors rename a new file over it and Kubernetes swaps a symbolic link beside it.
/// </summary>
internal sealed class FileWatch : IDisposable
{
    private readonly FileSystemWatcher _directory;
    private readonly ITimer _settled;
    private readonly TimeSpan _settle;
    private int _scheduled;

    /// <param name="settle">From the first event to the call: who writes a file seldom does it in one step.</param>
    /// <param name="changed">Called on the thread pool.</param>
    /// <exception cref="IOException">The kernel has no watch left.</exception>
    /// <exception cref="ArgumentException">There is no such directory.</exception>
    public FileWatch(string path, TimeSpan settle, TimeProvider time, Action changed)
    {
        string full = Path.GetFullPath(path);
        _settle = settle;
        _settled = time.CreateTimer(
            _ =>
            {
                Volatile.Write(ref _scheduled, 0); // first: what happens while the file is read is the next change
                changed();
            },
            state: null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        _directory = new FileSystemWatcher(Path.GetDirectoryName(full)!);
        _directory.Created += (_, _) => Schedule();
        _directory.Changed += (_, _) => Schedule();
        _directory.Renamed += (_, _) => Schedule();
        _directory.Deleted += (_, _) => Schedule();
        _directory.Error += (_, _) => Schedule(); // events were lost
        _directory.EnableRaisingEvents = true;
    }

    public void Dispose()
    {
        _directory.Dispose();
        _settled.Dispose();
    }

    // From the first event of a burst, not from its last: in a busy directory there may be no last one.
    private void Schedule()
    {
        if (Interlocked.Exchange(ref _scheduled, 1) == 0)
        {
            _settled.Change(_settle, Timeout.InfiniteTimeSpan);
        }
    }
}
