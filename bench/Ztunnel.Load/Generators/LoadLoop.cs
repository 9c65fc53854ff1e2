using Ztunnel.Linux;

namespace Ztunnel.Load.Generators;

/// <summary>
/// One thread's sockets and nothing more: what a generator costs must not be what is measured, so there are no turns,
/// timers or accounts as the proxy's workers have them.
/// </summary>
internal sealed class LoadLoop : IDisposable
{
    private const int Batch = 512;
    private const int BufferSize = 256 * 1024;

    private readonly Epoll _epoll = new(Batch);
    private readonly List<ILoadHandler?> _handlers = [];
    private readonly Stack<int> _free = new();

    /// <summary>What any handler reads into; gone with the next event.</summary>
    public byte[] Buffer { get; } = GC.AllocateUninitializedArray<byte>(BufferSize, pinned: true);

    /// <returns>The handler's place, by which it is removed when its socket is closed.</returns>
    public int Add(TcpSocket socket, EpollEvents events, ILoadHandler handler)
    {
        if (!_free.TryPop(out int place))
        {
            place = _handlers.Count;
            _handlers.Add(null);
        }

        _handlers[place] = handler;
        _epoll.Add(socket.Descriptor, events, (ulong)place);
        return place;
    }

    public void Modify(TcpSocket socket, EpollEvents events, int place) =>
        _epoll.Modify(socket.Descriptor, events, (ulong)place);

    /// <summary>After the socket was closed, which took it out of the epoll set.</summary>
    public void Remove(int place)
    {
        _handlers[place] = null;

        // Safe at once: a descriptor has one event in a batch at most, and this one's is being handled.
        _free.Push(place);
    }

    public void Turn(int timeoutMilliseconds)
    {
        int count = _epoll.Wait(timeoutMilliseconds);
        for (int i = 0; i < count; i++)
        {
            (EpollEvents events, ulong place) = _epoll.Event(i);
            _handlers[(int)place]?.OnEvents(events);
        }
    }

    public void Dispose() => _epoll.Dispose();
}
