using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Ztunnel.Config;
using Ztunnel.ControlPlane;
using Ztunnel.Identity;
using Ztunnel.OpenSsl;
using Ztunnel.Tls;

namespace Ztunnel.Certificates.Secrets;

/// <summary>
/// Certificates a secret discovery server sends: one secret an identity, one with the roots of all. The server decides
/// when to renew; what it sends is checked before it replaces what works.
/// </summary>
internal sealed class SecretStore : ICertificateSource, IResourceHandler
{
    private readonly IResourceStream _stream;
    private readonly SecretOptions _options;
    private readonly CertificateReader _certificates;
    private readonly Revocations _revocations;
    private readonly SecretReader _reader;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<SpiffeId, SecretEntry> _entries = new();
    private readonly Lock _gate = new();
    private readonly ITimer _wake;
    private SecretBundle? _bundle;
    private bool _isDisposed;

    public SecretStore(
        IResourceStream stream,
        SecretOptions options,
        SecretChecks checks,
        TimeProvider time,
        ILogger logger)
    {
        (_stream, _options, _time, _logger) = (stream, options, time, logger);
        (_certificates, _revocations) = (checks.Certificates, checks.Revocations);
        _reader = new SecretReader(_certificates);
        _wake = time.CreateTimer(
            static store => ((SecretStore)store!).AskForOverdue(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        stream.Register(SecretType.Url, this);
        stream.Subscribe(SecretType.Url, options.BundleName);
    }

    public long Issued { get; private set; }

    public long Failed { get; private set; }

    public ValueTask<WorkloadTls> GetAsync(
        SpiffeId identity, CertificatePriority priority, CancellationToken cancellation)
    {
        if (_entries.TryGetValue(identity, out SecretEntry? entry)
            && entry.Current is { } current
            && _time.GetUtcNow() <= current.NotAfter)
        {
            return new ValueTask<WorkloadTls>(current.Tls);
        }

        return Wait(identity, cancellation);
    }

    public void Prefetch(SpiffeId identity)
    {
        lock (_gate)
        {
            Find(identity);
        }
    }

    public void Forget(SpiffeId identity)
    {
        lock (_gate)
        {
            if (_entries.TryRemove(identity, out SecretEntry? entry))
            {
                if (!_entries.Values.Any(other => other.Name == entry.Name))
                {
                    _stream.Unsubscribe(SecretType.Url, entry.Name);
                }

                entry.Replace(null);
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

    public string? OnResource(string name, string version, ByteString value)
    {
        lock (_gate)
        {
            try
            {
                if (name == _options.BundleName)
                {
                    Accept(_reader.ReadBundle(name, value));
                }
                else
                {
                    Accept(name, value);
                }

                return null;
            }
            catch (SecretException refusal)
            {
                _logger.Refused(name, refusal.Message);
                Refuse(name, refusal.Message);
                return refusal.Message;
            }
            finally
            {
                // It may hold a private key, and whoever called is done with it.
                MemoryMarshal.AsMemory(value.Memory).Span.Clear();
            }
        }
    }

    public void OnRemoved(string name)
    {
        lock (_gate)
        {
            _logger.Removed(name);
            Refuse(name, $"the server has no secret {name}");
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _wake.Dispose();
            foreach (SecretEntry entry in _entries.Values)
            {
                entry.EndWaiting("the proxy is shutting down");
            }
        }

        return ValueTask.CompletedTask;
    }

    private ValueTask<WorkloadTls> Wait(SpiffeId identity, CancellationToken cancellation)
    {
        Task<WorkloadTls> waiting;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            SecretEntry entry = Find(identity);
            if (entry.Current is { } current)
            {
                if (_time.GetUtcNow() <= current.NotAfter) // came while this thread came here
                {
                    return new ValueTask<WorkloadTls>(current.Tls);
                }

                entry.Expire();
            }

            if (entry.Error is { } error)
            {
                return ValueTask.FromException<WorkloadTls>(new CertificateException(error));
            }

            waiting = entry.Waiting;
        }

        return new ValueTask<WorkloadTls>(cancellation.CanBeCanceled ? waiting.WaitAsync(cancellation) : waiting);
    }

    private SecretEntry Find(SpiffeId identity)
    {
        if (!_entries.TryGetValue(identity, out SecretEntry? entry))
        {
            entry = new SecretEntry(identity, _options.CertificateName ?? identity.ToString());
            if (Named(entry.Name).Count > 0)
            {
                _stream.Unsubscribe(SecretType.Url, entry.Name); // came for another, and comes again for this one
            }

            _entries[identity] = entry;
            _stream.Subscribe(SecretType.Url, entry.Name);
        }

        return entry;
    }

    // Where one name stands for several identities, what it holds is for some of them: refused is what is for none.
    private void Accept(string name, ByteString value)
    {
        bool isUsed = false;
        List<(SecretEntry Entry, SecretException Refusal)> others = [];
        foreach (SecretEntry entry in Named(name))
        {
            try
            {
                entry.Replace(SecretReader.ReadCertificate(name, value, entry.Identity));
                Combine(entry);
                isUsed = true;
            }
            catch (SecretException refusal)
            {
                others.Add((entry, refusal));
            }
        }

        if (!isUsed && others.Count > 0)
        {
            throw others[0].Refusal;
        }

        foreach ((SecretEntry entry, SecretException refusal) in others)
        {
            _logger.Refused(name, refusal.Message);
            Fail(entry, refusal.Message);
        }
    }

    private void Accept(SecretBundle bundle)
    {
        try
        {
            _revocations.Set(_options.BundleName, bundle.RevocationLists);
        }
        catch (CryptographicException e)
        {
            bundle.Dispose();
            throw new SecretException($"crl: {e.Message}");
        }

        _bundle?.Dispose();
        _bundle = bundle;
        foreach (SecretEntry entry in _entries.Values)
        {
            Combine(entry);
        }
    }

    /// <summary>Certificate and roots make what handshakes use; either may come first.</summary>
    private void Combine(SecretEntry entry)
    {
        if (entry.Secret is not { } secret || _bundle is not { } bundle)
        {
            return;
        }

        EvpKey key = secret.Key.Share();
        try
        {
            IssuedCertificate issued = _certificates.Assemble(
                entry.Identity, key, secret.Without(bundle.Roots), bundle.Roots);
            Issued++;
            entry.Succeed(issued);
            entry.Overdue = Patience.After(issued.NotBefore, issued.NotAfter, _time.GetUtcNow());
            _logger.Received(entry.Name, entry.Identity, issued.NotAfter);
            Schedule();
        }
        catch (Exception e) when (e is CertificateException or CryptographicException)
        {
            key.Dispose();
            _logger.Unfit(entry.Identity, e.Message);
            Fail(entry, e.Message);
        }
    }

    private void Refuse(string name, string reason)
    {
        foreach (SecretEntry entry in name == _options.BundleName && _bundle is null ? [.. _entries.Values] : Named(name))
        {
            Fail(entry, reason);
        }
    }

    private void Fail(SecretEntry entry, string reason)
    {
        Failed++;
        if (entry.Current is { } current && _time.GetUtcNow() < current.NotAfter)
        {
            entry.FailRenewal(reason);
        }
        else
        {
            entry.Fail(reason);
        }
    }

    private List<SecretEntry> Named(string name) => [.. _entries.Values.Where(entry => entry.Name == name)];

    private void AskForOverdue()
    {
        lock (_gate)
        {
            DateTimeOffset now = _time.GetUtcNow();
            foreach (SecretEntry entry in _entries.Values.Where(entry => entry.Overdue <= now))
            {
                DateTimeOffset end = entry.Current?.NotAfter ?? now;
                _logger.IsOverdue(entry.Name, end);
                entry.Overdue = Patience.Again(end, now);
                _stream.Unsubscribe(SecretType.Url, entry.Name);
                _stream.Subscribe(SecretType.Url, entry.Name);
            }

            Schedule();
        }
    }

    private void Schedule()
    {
        if (_isDisposed || _entries.IsEmpty)
        {
            return;
        }

        DateTimeOffset next = _entries.Values.Min(static entry => entry.Overdue);
        if (next < DateTimeOffset.MaxValue)
        {
            _wake.Change(Patience.Sleep(next, _time.GetUtcNow()), Timeout.InfiniteTimeSpan);
        }
    }
}
