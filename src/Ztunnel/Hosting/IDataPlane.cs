namespace Ztunnel.Hosting;

/// <summary>What carries traffic, in one of the two modes of a proxy.</summary>
internal interface IDataPlane
{
    /// <summary>Whether this node lets us carry traffic at all; asked before anything is waited for.</summary>
    /// <exception cref="StartupFailure">With the right that is missing.</exception>
    void Check();

    /// <summary>Binds what is known now. The mesh is known by then.</summary>
    /// <exception cref="StartupFailure">With the address that is taken.</exception>
    Task StartAsync();

    /// <summary>Ends when the drain has ended for every connection.</summary>
    /// <exception cref="Exception">It cannot go on; nothing was drained.</exception>
    Task RunAsync(CancellationToken draining);
}
