namespace Ztunnel.Lab;

/// <summary>What a round of an attack may ask and must say.</summary>
public sealed class FloodTurn
{
    private readonly Lock _lock = new();
    private readonly List<IDisposable> _held = [];
    private readonly ManualResetEventSlim _over = new();
    private readonly HashSet<uint> _goAways = [];
    private long _done;
    private volatile bool _isOver;

    /// <summary>The attack is over: end the round.</summary>
    public bool IsOver => _isOver;

    /// <summary>Hostile acts so far, in whatever unit: to tell an attack from an idle one.</summary>
    public long Done => Interlocked.Read(ref _done);

    /// <summary>Error codes of all GOAWAYs that hostile peers have read so far.</summary>
    public IReadOnlyCollection<uint> GoAways
    {
        get
        {
            lock (_lock)
            {
                _held.ForEach(NoteGoAway);
                return [.. _goAways];
            }
        }
    }

    public void Count(long acts) => Interlocked.Add(ref _done, acts);

    /// <summary>Disposed when the attack ends, which also ends calls that block on it.</summary>
    public T Hold<T>(T connection)
        where T : IDisposable
    {
        lock (_lock)
        {
            if (!_isOver)
            {
                _held.Add(connection);
                return connection;
            }
        }

        connection.Dispose();
        throw new ObjectDisposedException(nameof(FloodTurn));
    }

    /// <summary>Ended by the round itself.</summary>
    public void Release(IDisposable connection)
    {
        lock (_lock)
        {
            _held.Remove(connection);
            NoteGoAway(connection);
        }

        connection.Dispose();
    }

    /// <summary>For rounds that hold what they have until the attack ends.</summary>
    public void WaitForEnd() => _over.Wait();

    internal void End()
    {
        List<IDisposable> held;
        lock (_lock)
        {
            _isOver = true;
            held = [.. _held];
            _held.Clear();
        }

        _over.Set();
        held.ForEach(connection => connection.Dispose());
    }

    private void NoteGoAway(IDisposable connection)
    {
        if (connection is HostilePeer { Seen.GoAwayCode: { } code })
        {
            _goAways.Add(code);
        }
    }
}
