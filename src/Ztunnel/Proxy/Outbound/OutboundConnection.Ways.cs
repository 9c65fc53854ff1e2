using System.Net;
using System.Net.Sockets;
using Ztunnel.Hbone;
using Ztunnel.Linux;
using Ztunnel.Proxy.Pods;
using Ztunnel.Proxy.Relay;
using Ztunnel.Proxy.Tunnels;
using Ztunnel.State;
using Ztunnel.Telemetry;

namespace Ztunnel.Proxy.Outbound;

// The ways out: a stream on a tunnel, or a plain connection.
internal sealed partial class OutboundConnection
{
    public void OnTunnel(TunnelConnection tunnel)
    {
        StreamRelay relay = new(tunnel, _pod.Account, this);
        _stream = relay;
        relay.Hold(_socket, isWatched: _refusals > 0); // first: opening sends, and may find the tunnel broken
        tunnel.Open(relay, new ConnectRequest
        {
            Authority = _route!.Authority!,
            Baggage = _pod.Baggage(_source!),
            Forwarded = Forwarded.Format(_client.ToString(), _route.Service?.Hostname),
            TraceParent = CreateTrace(),
        });
        if (_isEnded)
        {
            return;
        }

        _deadline = Proxy.Worker.Schedule(
            Proxy.Services.Config.Deadlines.ConnectResponse,
            static connection => ((OutboundConnection)connection!).OnResponseLate(),
            this);
    }

    public void OnTunnelFailed(string error, ResponseFlag flag) => Fail(error, flag);

    public void OnResponse(Http2Response response)
    {
        _deadline?.Cancel();
        if (response.Status == 200)
        {
            _stream!.Run(_record!);
        }
        else
        {
            string reason = Enum.IsDefined((HttpStatusCode)response.Status) ? Reason(response.Status) : "";
            _stream!.Abort($"http status: {response.Status} {reason}".TrimEnd(), ResponseFlag.Connect);
        }
    }

    public bool OnRefused()
    {
        if (++_refusals > MostRefusals)
        {
            return false;
        }

        _deadline?.Cancel();
        _stream = null;
        RequestTunnel();
        return true;
    }

    private void RequestTunnel() => _pod.Pool.Request(
        new PoolKey(_source!.Identity, _route!.ExpectedIdentities, _route.Target, _client.Address), this);

    private void OnResponseLate() => Fail("http2 request failed: the peer did not answer in time", ResponseFlag.Connect);

    private async Task ConnectAsync()
    {
        try
        {
            (TcpSocket? upstream, IoResult result) = await UpstreamSocket.ConnectAsync(_pod, _route!.Target, source: null, keepAlive: false);
            if (_isEnded)
            {
                if (upstream is not null)
                {
                    Proxy.Worker.Forget(upstream);
                    upstream.Dispose();
                }

                return;
            }

            if (upstream is null)
            {
                Fail($"io error: {result.Text}", ResponseFlag.Connect);
                return;
            }

            _relay = new SocketRelay(Proxy, _pod.Account, _socket, upstream, _record!, this);
            _relay.Run();
        }
        catch (Exception e) // nobody awaits this task
        {
            Unforeseen(e);
        }
    }

    // By the proxy's own resolver and configuration: the workload is the mesh's, not the pod's.
    private async Task ResolveAsync(OutboundRoute route, string hostname)
    {
        try
        {
            Proxy.Services.Metrics.Resolution.Requested(
                Proxy.Labels.Source(_source!, _source!.Identity), hostname);
            IPAddress[] answers = await Dns.GetHostAddressesAsync(
                hostname,
                Proxy.Services.Config.Listen.IPv6 ? AddressFamily.Unspecified : AddressFamily.InterNetwork,
                _pod.Pod.Aborted.Token);
            if (_isEnded)
            {
                return;
            }

            if (answers.Length == 0)
            {
                Deny($"ip addresses were resolved for workload {route.Destination!.Uid}, but valid dns response had no A/AAAA records");
                return;
            }

            IPAddress[] preferred = [.. answers.Where(answer => IsV6(answer) == route.PrefersV6)];
            IPAddress[] candidates = preferred.Length > 0 ? preferred : answers;
            Follow(route.Resolved(InetAddress.From(candidates[Proxy.Random.Next(candidates.Length)])));
        }
        catch (SocketException)
        {
            Deny($"no ip addresses were resolved for workload: {route.Destination!.Uid}");
        }
        catch (OperationCanceledException) when (_pod.Pod.Aborted.IsCancellationRequested)
        {
            Abort();
        }
        catch (Exception e) // nobody awaits this task
        {
            Unforeseen(e);
        }
    }

    // An identifier, not a secret: the system's generator would cost more than the request's encoding.
    private TraceParent CreateTrace() => new(
        new UInt128((ulong)Proxy.Random.NextInt64(), (ulong)Proxy.Random.NextInt64()), (ulong)Proxy.Random.NextInt64());

    private static bool IsV6(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6;

    // "ServiceUnavailable" => "Service Unavailable"
    private static string Reason(int status) => string.Concat(((HttpStatusCode)status).ToString().Select(
        static (letter, at) => char.IsUpper(letter) && at > 0 ? $" {letter}" : $"{letter}"));
}
