using Ztunnel.Linux;

namespace Ztunnel.Tests.Proxy.Outbound;

/// <summary>Watches a socket until somebody takes it over in the same turn.</summary>
internal sealed class DeafHandler(TurnAccount account) : IEpollHandler
{
    public TurnAccount Account => account;

    public void OnEvents(EpollEvents events)
    {
    }
}
