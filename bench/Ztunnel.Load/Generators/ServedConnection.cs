using Ztunnel.Linux;

namespace Ztunnel.Load.Generators;

/// <summary>One connection of an application of <see cref="LoadServer"/>.</summary>
internal abstract class ServedConnection(TcpSocket socket, LoadLoop loop) : ILoadHandler
{
    private int _place;

    protected TcpSocket Socket { get; } = socket;

    protected LoadLoop Loop { get; } = loop;

    protected abstract EpollEvents Wanted { get; }

    public void Start() => _place = Loop.Add(Socket, Wanted, this);

    public abstract void OnEvents(EpollEvents events);

    protected void Want(EpollEvents events) => Loop.Modify(Socket, events, _place);

    protected void Close()
    {
        Socket.Dispose();
        Loop.Remove(_place);
    }
}
