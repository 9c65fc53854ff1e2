using System.ComponentModel;
using Microsoft.Extensions.Logging;
using Ztunnel.Certificates;
using Ztunnel.Hbone;
using Ztunnel.Linux;
using Ztunnel.OpenSsl;
using Ztunnel.Proxy.Pods;
using Ztunnel.Telemetry;
using Ztunnel.Tls;

namespace Ztunnel.Proxy.Tunnels;

/// <summary>
/// The tunnels to one peer and who waits for room on them. Further ones are opened when those there are full; a failure
/// to open is shared by all who waited for it.
/// </summary>
internal sealed class PoolEntry(TunnelPool pool, PodWorker pod, PoolKey key) : ITunnelOwner
{
    private readonly List<TunnelConnection> _open = [];
    private readonly List<TunnelConnection> _leaving = []; // take no new streams
    private readonly Queue<IPoolWaiter> _waiters = new();
    private int _opening;

    public PoolKey Key { get; } = key;

    private int MaxStreams => pod.Pod.Services.Config.Pool.MaxStreamsPerConnection;

    private TunnelFigures Figures => pod.Proxy.Tunnels;

    public void Request(IPoolWaiter waiter)
    {
        if (FindRoom() is { } tunnel)
        {
            Figures.PoolHits.Increment(pod.Proxy.Index);
            waiter.OnTunnel(tunnel);
            return;
        }

        Figures.PoolMisses.Increment(pod.Proxy.Index);
        _waiters.Enqueue(waiter);
        OpenWhatIsNeeded();
    }

    public void ReleaseIdle(long idleBefore)
    {
        for (int at = _open.Count - 1; at >= 0; at--)
        {
            TunnelConnection tunnel = _open[at];
            if (tunnel.Core.ActiveStreams == 0 && tunnel.IdleSince <= idleBefore)
            {
                Figures.PoolReleases.Increment(pod.Proxy.Index);
                Retire(tunnel);
                tunnel.Drain();
            }
        }
    }

    public void Drain()
    {
        foreach (TunnelConnection tunnel in _open.ToArray())
        {
            if (tunnel.Core.ActiveStreams == 0)
            {
                Retire(tunnel);
                tunnel.Drain();
            }
        }
    }

    public void Abort()
    {
        foreach (TunnelConnection tunnel in _open.Concat(_leaving).ToArray())
        {
            tunnel.End(TunnelEnd.Aborted, null);
        }

        Fail("pool draining", ResponseFlag.None);
    }

    public void RecheckPeers(RevocationLists lists)
    {
        foreach (TunnelConnection tunnel in _open.Concat(_leaving).ToArray())
        {
            tunnel.RecheckPeer(lists);
        }
    }

    public void OnEstablished(TunnelConnection tunnel)
    {
        _opening--;
        _leaving.Remove(tunnel);
        _open.Add(tunnel);
        pool.ScheduleSweep();
        Serve();
    }

    public void OnRequest(TunnelConnection tunnel, Http2Stream stream, Http2Request request, bool endStream)
    {
        // A client is never asked.
    }

    public void OnCapacity(TunnelConnection tunnel)
    {
        if (_waiters.Count > 0)
        {
            Serve();
        }
        else if (pod.IsDraining && tunnel.IsOpen && tunnel.Core.ActiveStreams == 0 && _open.Contains(tunnel))
        {
            Retire(tunnel);
            tunnel.Drain();
        }
    }

    public void OnGoAway(TunnelConnection tunnel)
    {
        Retire(tunnel);
        OpenWhatIsNeeded();
    }

    public void OnEnded(TunnelConnection tunnel, TunnelEnd end, string? text)
    {
        if (end == TunnelEnd.KeepAliveTimeout)
        {
            pod.Logger.PingTimeout(Key.Target);
        }
        else
        {
            pod.Logger.TunnelEnded(Key.Target, end.Label(), text);
        }

        bool wasOpening = !_open.Remove(tunnel) && _leaving.Remove(tunnel) && !tunnel.WasEstablished;
        if (wasOpening)
        {
            _opening--;
            (string error, ResponseFlag flag) = TunnelFailures.OfOpening(end, text);
            Fail(error, flag);
        }
        else if (_waiters.Count > 0)
        {
            OpenWhatIsNeeded();
        }

        RemoveIfUnused();
    }

    private TunnelConnection? FindRoom()
    {
        foreach (TunnelConnection tunnel in _open)
        {
            if (tunnel.CanOpen && tunnel.Core.ActiveStreams < MaxStreams)
            {
                return tunnel;
            }
        }

        return null;
    }

    private void Serve()
    {
        while (_waiters.Count > 0 && FindRoom() is { } tunnel)
        {
            IPoolWaiter waiter = _waiters.Dequeue();
            if (!waiter.HasGivenUp)
            {
                waiter.OnTunnel(tunnel);
            }
        }

        OpenWhatIsNeeded();
    }

    private void OpenWhatIsNeeded()
    {
        while (!pool.IsClosed && _waiters.Count > (long)_opening * MaxStreams)
        {
            _opening++;
            _ = OpenAsync(); // ends in OnEstablished, OnEnded or Fail, whatever happens
        }
    }

    private async Task OpenAsync()
    {
        try
        {
            CancellationToken aborted = pod.Pod.Aborted.Token;
            WorkloadTls tls = await pod.GetCertificateAsync(Key.Own);
            (TcpSocket? socket, IoResult result) = await UpstreamSocket.ConnectAsync(pod, Key.Target, source: null, keepAlive: true);
            if (socket is null)
            {
                FailOpening(pod.DescribeConnect(result, aborted), FlagOf(result));
            }
            else if (pool.IsClosed) // it came up while the pod went
            {
                UpstreamSocket.Discard(pod, socket);
                FailOpening("pool draining", ResponseFlag.None);
            }
            else
            {
                Begin(socket, tls);
            }
        }
        catch (CertificateException e)
        {
            FailOpening($"identity error: {e.Message}", ResponseFlag.IdentityError);
        }
        catch (OperationCanceledException)
        {
            FailOpening("pool draining", ResponseFlag.None);
        }
        catch (Exception e) when (e is Win32Exception or System.Security.Cryptography.CryptographicException)
        {
            FailOpening($"tls error: {e.Message}", ResponseFlag.TlsFailure);
        }
        catch (Exception e) // nobody awaits this task: the waiters must not wait for ever
        {
            pod.Logger.Unforeseen(e.Message, e);
            FailOpening($"internal error: {e.Message}", ResponseFlag.Connect);
        }
    }

    private void Begin(TcpSocket socket, WorkloadTls tls)
    {
        MeshSession session;
        try
        {
            session = tls.Connect(Key.Expected, pod.Proxy.Services.Revocations);
        }
        catch
        {
            UpstreamSocket.Discard(pod, socket); // nobody else knows of it
            throw;
        }

        SocketTransport transport = new(pod.Proxy, socket, isWatched: true);
        TunnelConnection tunnel = new(pod.Proxy, transport, session, Http2Role.Client, pod.Account, this);
        _leaving.Add(tunnel); // until it is established
        tunnel.Start();
    }

    private static ResponseFlag FlagOf(IoResult result) =>
        result.Errno == Errno.ETIMEDOUT ? ResponseFlag.NetworkPolicy
        : result.Errno == Errno.ECANCELED ? ResponseFlag.None
        : ResponseFlag.Connect;

    private void FailOpening(string error, ResponseFlag flag)
    {
        _opening--;
        Fail(error, flag);
        RemoveIfUnused();
    }

    private void Fail(string error, ResponseFlag flag)
    {
        for (int waiting = _waiters.Count; waiting > 0; waiting--) // those who ask again on the news wait anew
        {
            IPoolWaiter waiter = _waiters.Dequeue();
            if (!waiter.HasGivenUp)
            {
                waiter.OnTunnelFailed(error, flag);
            }
        }
    }

    private void Retire(TunnelConnection tunnel)
    {
        if (_open.Remove(tunnel))
        {
            _leaving.Add(tunnel);
        }
    }

    private void RemoveIfUnused()
    {
        if (_open.Count == 0 && _leaving.Count == 0 && _opening == 0 && _waiters.Count == 0)
        {
            pool.Remove(this);
        }
    }
}
