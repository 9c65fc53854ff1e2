using Ztunnel.Identity;
using Ztunnel.Tls;

namespace Ztunnel.Certificates;

/// <summary>
/// What the store knows of one identity. Neither certificate nor error: none has been obtained yet. Written under
/// the store's lock; <see cref="Current"/> is read without.
/// </summary>
internal sealed class CertificateEntry(SpiffeId identity, RetryBackoff backoff)
{
    private volatile IssuedCertificate? _current;
    private TaskCompletionSource<WorkloadTls>? _waiting;

    public SpiffeId Identity { get; } = identity;

    public RetryBackoff Backoff { get; } = backoff;

    public IssuedCertificate? Current => _current;

    /// <summary>
    /// Why there is no certificate; a failed renewal beside a valid certificate is <see cref="RenewalError"/>.
    /// </summary>
    public string? Error { get; private set; }

    public string? RenewalError { get; private set; }

    public bool InFlight { get; set; }

    public Task<WorkloadTls> Waiting =>
        // Whoever waits goes on with its own work: never on the thread that received the certificate.
        (_waiting ??= new TaskCompletionSource<WorkloadTls>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Succeed(IssuedCertificate certificate)
    {
        (_current, Error, RenewalError) = (certificate, null, null);
        Backoff.Reset();
        Interlocked.Exchange(ref _waiting, null)?.TrySetResult(certificate.Tls);
    }

    /// <summary>The present certificate, if there is one, is still good.</summary>
    public void FailRenewal(string error) => RenewalError = error;

    public void Fail(string error)
    {
        (_current, Error, RenewalError) = (null, error, null);
        EndWaiting(error);
    }

    /// <summary>
    /// The certificate ran out before its renewal was even tried (the clock leapt, the machine slept).
    /// </summary>
    public void Expire() => _current = null;

    public void EndWaiting(string error)
    {
        if (Interlocked.Exchange(ref _waiting, null) is { } waiting)
        {
            waiting.TrySetException(new CertificateException(error));
            _ = waiting.Task.Exception; // seen, even if every waiter has gone meanwhile
        }
    }
}
