using Ztunnel.Identity;
using Ztunnel.Tls;

namespace Ztunnel.Certificates;

/// <summary>
/// What is known of one identity. Neither certificate nor error: none has been obtained yet. Written under its store's
/// lock; <see cref="Current"/> is read without.
/// </summary>
internal class CertificateEntry(SpiffeId identity)
{
    private volatile IssuedCertificate? _current;
    private TaskCompletionSource<WorkloadTls>? _waiting;

    public SpiffeId Identity { get; } = identity;

    public IssuedCertificate? Current => _current;

    /// <summary>
    /// Why there is no certificate; a failed renewal beside a valid certificate is <see cref="RenewalError"/>.
    /// </summary>
    public string? Error { get; private set; }

    public string? RenewalError { get; private set; }

    public Task<WorkloadTls> Waiting =>
        // Whoever waits goes on with its own work: never on the thread that received the certificate.
        (_waiting ??= new TaskCompletionSource<WorkloadTls>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>As the config dump shows it.</summary>
    public CertificateStatus Status => new(
        Identity,
        Current is not null ? "Available" : Error is { } error ? $"Unavailable: {error}" : "Initializing",
        Current);

    public void Succeed(IssuedCertificate certificate)
    {
        (_current, Error, RenewalError) = (certificate, null, null);
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
    /// The certificate ran out: before its renewal was even tried (the clock leapt, the machine slept), or because
    /// that failed.
    /// </summary>
    public void Expire()
    {
        if (RenewalError is { } error)
        {
            Fail(error);
        }
        else
        {
            _current = null;
        }
    }

    public void EndWaiting(string error)
    {
        if (Interlocked.Exchange(ref _waiting, null) is { } waiting)
        {
            waiting.TrySetException(new CertificateException(error));
            _ = waiting.Task.Exception; // seen, even if every waiter has gone meanwhile
        }
    }
}
