using Ztunnel.Linux;

namespace Ztunnel.Lab;

/// <summary>Accepts for <see cref="MeekApps"/>.</summary>
internal sealed class MeekListener(Worker worker, TcpSocket listener, MeekBehaviour behaviour) : IEpollHandler
{
    private const int AcceptsPerSlice = 64;

    public TurnAccount Account => worker.Account;

    public void OnEvents(EpollEvents events)
    {
        for (int i = 0; i < AcceptsPerSlice && listener.Accept(out _, out _) is { } socket; i++)
        {
            MeekConnection connection = new(worker, socket, behaviour);
            worker.Watch(socket, connection.Interest, connection);
        }
    }
}
