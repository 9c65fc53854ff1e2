namespace Ztunnel.Hosting;

/// <summary>What carries traffic, in one of the two modes of a proxy.</summary>
internal interface IDataPlane
{
    /// <summary>Checks what must be there and binds what is known now.</summary>
    /// <exception cref="StartupFailure">With the address or the right that is missing.</exception>
    Task StartAsync();

    /// <summary>Ends when the drain has ended for every connection.</summary>
    /// <exception cref="Exception">It cannot go on; nothing was drained.</exception>
    Task RunAsync(CancellationToken draining);
}
