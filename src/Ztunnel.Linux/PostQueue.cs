namespace Ztunnel.Linux;

/// <summary>What any thread hands to a worker. Two lists change places, so that nothing runs under the lock.</summary>
internal sealed class PostQueue
{
    private readonly Lock _gate = new();
    private List<PostedWork> _incoming = [];
    private List<PostedWork> _taken = [];

    /// <summary>Exact on the worker for its own posts; for others' only after the fence of going to sleep.</summary>
    public bool IsEmpty => Volatile.Read(ref _incoming).Count == 0;

    public void Add(PostedWork work)
    {
        lock (_gate)
        {
            _incoming.Add(work);
        }
    }

    /// <summary>The worker only: everything posted so far, in order, to be cleared by the caller.</summary>
    public List<PostedWork> TakeAll()
    {
        lock (_gate)
        {
            (_incoming, _taken) = (_taken, _incoming);
            return _taken;
        }
    }
}
