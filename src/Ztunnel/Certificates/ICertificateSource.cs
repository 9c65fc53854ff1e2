using Ztunnel.Identity;
using Ztunnel.Tls;

namespace Ztunnel.Certificates;

/// <summary>
/// The certificates of this node's workloads: signed by a CA at our request, or sent by a secret discovery server.
/// Workers read it without a lock.
/// </summary>
internal interface ICertificateSource : IAsyncDisposable
{
    /// <summary>Usable certificates received since the start.</summary>
    long Issued { get; }

    /// <summary>Certificates asked for and not received, or received and not usable, since the start.</summary>
    long Failed { get; }

    /// <summary>
    /// The identity's certificate: at once and without allocation when there is a valid one, otherwise when it has
    /// come. An expired one is never handed out.
    /// </summary>
    /// <exception cref="CertificateException">There is none; asking again does not bring it sooner.</exception>
    ValueTask<WorkloadTls> GetAsync(SpiffeId identity, CertificatePriority priority, CancellationToken cancellation);

    /// <summary>Somebody will connect soon.</summary>
    void Prefetch(SpiffeId identity);

    /// <summary>The last workload of this identity left the node.</summary>
    void Forget(SpiffeId identity);

    /// <summary>Every known identity, by its text.</summary>
    IReadOnlyList<CertificateStatus> List();
}
