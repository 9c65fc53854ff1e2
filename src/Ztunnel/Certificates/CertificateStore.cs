using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Ztunnel.Identity;
using Ztunnel.Tls;

namespace Ztunnel.Certificates;

/// <summary>
/// Certificates signed by a CA: asked for once however many wait, renewed in time, kept while valid. Requests run on the
/// thread pool.
/// </summary>
internal sealed class CertificateStore : ICertificateSource
{
    /// <summary>
    /// Requests to the CA at a time: enough to start a full node, little enough to leave the CA for others.
    /// </summary>
    private const int MaxInFlight = 8;

    // Timers run on monotonic time, certificates expire by the wall clock; this bounds how far the two may drift.
    private static readonly TimeSpan s_longestSleep = TimeSpan.FromMinutes(1);

    private readonly CertificateIssuer _issuer;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Random _random;
    private readonly ConcurrentDictionary<SpiffeId, RequestedCertificate> _entries = new();
    private readonly Lock _gate = new();
    private readonly RequestQueue _queue = new();
    private readonly List<Task> _running = []; // ended ones are swept before a new one is added
    private int _inFlight;
    private bool _isDisposed;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _wake;

    public CertificateStore(CertificateIssuer issuer, TimeProvider time, Random random, ILogger logger)
    {
        (_issuer, _time, _random, _logger) = (issuer, time, random, logger);
        _wake = time.CreateTimer(
            static store => ((CertificateStore)store!).Pump(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>Requests answered with a usable certificate since the start.</summary>
    public long Issued { get; private set; }

    /// <summary>Requests that failed, for whatever reason, since the start.</summary>
    public long Failed { get; private set; }

    public ValueTask<WorkloadTls> GetAsync(
        SpiffeId identity, CertificatePriority priority, CancellationToken cancellation)
    {
        if (_entries.TryGetValue(identity, out RequestedCertificate? entry)
            && entry.Current is { } current
            && _time.GetUtcNow() <= current.NotAfter)
        {
            return new ValueTask<WorkloadTls>(current.Tls);
        }

        return Wait(identity, priority, cancellation);
    }

    /// <summary>Somebody will connect soon. Without effect on an identity that is already known and settled.</summary>
    public void Prefetch(SpiffeId identity)
    {
        lock (_gate)
        {
            RequestedCertificate entry = Find(identity);
            if (entry is { Current: null, Error: null, InFlight: false })
            {
                _queue.Request(identity, CertificatePriority.Warmup, _time.GetUtcNow());
            }
        }

        Pump();
    }

    /// <summary>
    /// The last workload of this identity left the node. A request under way is discarded when it is answered.
    /// </summary>
    public void Forget(SpiffeId identity)
    {
        lock (_gate)
        {
            if (_entries.TryRemove(identity, out RequestedCertificate? entry))
            {
                _queue.Remove(identity);
                entry.EndWaiting("the identity is no longer needed");
            }
        }
    }

    public IReadOnlyList<CertificateStatus> List()
    {
        lock (_gate)
        {
            return
            [
                .. _entries.Values
                    .Select(static entry => entry.Status)
                    .OrderBy(static status => status.Identity.ToString(), StringComparer.Ordinal),
            ];
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            _wake.Dispose();
            running = [.. _running];
            foreach (RequestedCertificate entry in _entries.Values)
            {
                entry.EndWaiting("the proxy is shutting down");
            }
        }

        await _stopping.CancelAsync();
        await Task.WhenAll(running);
        _stopping.Dispose();
    }

    private ValueTask<WorkloadTls> Wait(
        SpiffeId identity, CertificatePriority priority, CancellationToken cancellation)
    {
        Task<WorkloadTls> waiting;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            RequestedCertificate entry = Find(identity);
            DateTimeOffset now = _time.GetUtcNow();
            if (entry.Current is { } current)
            {
                if (now <= current.NotAfter) // arrived while this thread came here
                {
                    return new ValueTask<WorkloadTls>(current.Tls);
                }

                entry.Expire(); // its next attempt is in the queue already
            }

            if (entry.Error is { } error)
            {
                return ValueTask.FromException<WorkloadTls>(new CertificateException(error));
            }

            if (!entry.InFlight)
            {
                _queue.Request(identity, priority, now);
            }

            waiting = entry.Waiting;
        }

        Pump();
        return new ValueTask<WorkloadTls>(cancellation.CanBeCanceled ? waiting.WaitAsync(cancellation) : waiting);
    }

    private RequestedCertificate Find(SpiffeId identity) => _entries.GetOrAdd(
        identity, static (id, random) => new RequestedCertificate(id, new RetryBackoff(random)), _random);

    /// <summary>
    /// Starts what is due and may run, and wakes up again for the rest. Called whenever either may have changed.
    /// </summary>
    private void Pump()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            DateTimeOffset now = _time.GetUtcNow();
            _running.RemoveAll(static run => run.IsCompleted);
            while (_inFlight < MaxInFlight && _queue.TakeDue(now) is { } identity)
            {
                RequestedCertificate entry = _entries[identity];
                entry.InFlight = true;
                _inFlight++;

                // On the thread pool from its start: keys are made and signatures checked, and the thread here
                // may be a worker, to which everything awaited would come back.
                _running.Add(Task.Run(() => RunAsync(entry)));
            }

            // With all places taken, the next one to end comes here again.
            if (_inFlight < MaxInFlight && _queue.NextDue is { } due)
            {
                TimeSpan pause = due - now;
                _wake.Change(
                    pause < TimeSpan.Zero ? TimeSpan.Zero : pause < s_longestSleep ? pause : s_longestSleep,
                    Timeout.InfiniteTimeSpan);
            }
        }
    }

    private async Task RunAsync(RequestedCertificate entry)
    {
        try
        {
            Complete(entry, await _issuer.IssueAsync(entry.Identity, _stopping.Token), null);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Whoever waited was told by the disposal.
        }
        catch (Exception e) // whatever it was: this identity has no new certificate, and the others go on
        {
            Complete(entry, null, e is CertificateException ? e.Message : $"failed to create CSR: {e.Message}");
        }

        Pump();
    }

    private void Complete(RequestedCertificate entry, IssuedCertificate? certificate, string? error)
    {
        lock (_gate)
        {
            _inFlight--;
            entry.InFlight = false;
            if (!_entries.TryGetValue(entry.Identity, out RequestedCertificate? known) || known != entry)
            {
                certificate?.Tls.Dispose(); // forgotten meanwhile
            }
            else if (certificate is not null)
            {
                Accept(entry, certificate);
            }
            else
            {
                Refuse(entry, error!);
            }
        }
    }

    private void Accept(RequestedCertificate entry, IssuedCertificate certificate)
    {
        // The replaced one is left to the collector: a worker may be in a handshake with it.
        Issued++;
        DateTimeOffset refresh = RefreshSchedule.After(
            certificate.NotBefore, certificate.NotAfter, _time.GetUtcNow(), _random);
        entry.Succeed(certificate);
        entry.Backoff.Reset();
        _queue.Request(entry.Identity, CertificatePriority.Background, refresh);
        _logger.Issued(entry.Identity, certificate.NotAfter, refresh);
    }

    private void Refuse(RequestedCertificate entry, string error)
    {
        Failed++;
        DateTimeOffset now = _time.GetUtcNow();
        TimeSpan delay = entry.Backoff.Next(now);
        if (entry.Current is { } current && now < current.NotAfter)
        {
            DateTimeOffset retry = now + delay < current.NotAfter ? now + delay : current.NotAfter;
            entry.FailRenewal(error);
            _queue.Request(entry.Identity, CertificatePriority.Background, retry);
            _logger.RefreshFailed(entry.Identity, current.NotAfter, error, retry - now);
        }
        else
        {
            entry.Fail(error);
            _queue.Request(entry.Identity, CertificatePriority.Background, now + delay);
            _logger.Unavailable(entry.Identity, error, delay);
        }
    }
}
