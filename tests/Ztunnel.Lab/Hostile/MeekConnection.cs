using Ztunnel.Linux;

namespace Ztunnel.Lab;

/// <summary>A connection of <see cref="MeekApps"/>; closed as soon as its other side is done or gone.</summary>
internal sealed class MeekConnection(Worker worker, TcpSocket socket, MeekBehaviour behaviour) : IEpollHandler
{
    private const EpollEvents Ends = EpollEvents.ReadHangUp | EpollEvents.HangUp | EpollEvents.Error;

    public TurnAccount Account => worker.Account;

    public EpollEvents Interest => EpollEvents.ReadHangUp | behaviour switch
    {
        MeekBehaviour.Sink => EpollEvents.In,
        MeekBehaviour.Source => EpollEvents.Out,
        _ => EpollEvents.None,
    };

    public void OnEvents(EpollEvents events)
    {
        IoResult result = (events & Ends) != 0 ? IoResult.Of(0) : Act();
        if (!result.WouldBlock && result.Count == 0)
        {
            worker.Forget(socket);
            socket.Reset();
        }
    }

    private IoResult Act() => behaviour == MeekBehaviour.Source
        ? socket.Send(worker.ReadBuffer) // whatever is in it
        : socket.Receive(worker.ReadBuffer);
}
