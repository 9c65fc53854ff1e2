using System.Runtime.ExceptionServices;
using Ztunnel.Protos.Discovery;

namespace Ztunnel.Xds;

/// <summary>What became of one response: the answer to it, or what went wrong in making it.</summary>
/// <param name="ResponseLength">Bytes.</param>
internal sealed record XdsAnswer(DeltaDiscoveryRequest? Request, ExceptionDispatchInfo? Failure, int ResponseLength)
{
    /// <returns>The ACK, or the NACK.</returns>
    /// <exception cref="Exception">What went wrong.</exception>
    public DeltaDiscoveryRequest Get()
    {
        Failure?.Throw();
        return Request!;
    }
}
