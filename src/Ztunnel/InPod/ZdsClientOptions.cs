namespace Ztunnel.InPod;

/// <summary>Where the node agent listens, and how patient we are with pods that do not start.</summary>
/// <param name="SocketPath"><c>INPOD_UDS</c>.</param>
internal sealed record ZdsClientOptions(string SocketPath)
{
    /// <summary>
    /// From the first failure to the next attempt for all that is pending. An older proxy that still holds the
    /// ports, the usual cause, is gone within its drain.
    /// </summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(5);
}
