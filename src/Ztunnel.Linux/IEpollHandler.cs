namespace Ztunnel.Linux;

/// <summary>Owner of a descriptor on a worker. Called on that worker's thread only.</summary>
public interface IEpollHandler
{
    /// <summary>Who pays for the time this handler takes.</summary>
    TurnAccount Account { get; }

    /// <summary>
    /// Something became ready. Takes one slice at most (see <see cref="TurnScheduler"/>) and asks
    /// <see cref="Worker.Continue"/> for the rest. An exception that leaves this method ends the worker.
    /// </summary>
    void OnEvents(EpollEvents events);
}
