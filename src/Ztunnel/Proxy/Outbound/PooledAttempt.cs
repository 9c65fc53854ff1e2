using System.Net;
using Ztunnel.Certificates;
using Ztunnel.Hbone;
using Ztunnel.Linux;
using Ztunnel.Proxy.Pods;
using Ztunnel.Proxy.Relay;
using Ztunnel.Proxy.Tunnels;
using Ztunnel.State;
using Ztunnel.Telemetry;

namespace Ztunnel.Proxy.Outbound;

/// <summary>An attempt that begins with a stream of the pool's: asks for a tunnel and sends the CONNECT.</summary>
internal abstract class PooledAttempt(OutboundConnection connection, OutboundRoute route)
    : OutboundAttempt(connection, route), IPoolWaiter, IStreamCaller
{
    /// <summary>A peer that is going away may refuse a stream unseen; so many times another tunnel is tried.</summary>
    private const int MostRefusals = 3;

    private WorkerTimer? _deadline;
    private TunnelStream? _stream;
    private int _refusals;

    public bool HasGivenUp => IsOver;

    public override void Begin()
    {
        _stream = null;
        Pod.Pool.Request(
            new PoolKey(Connection.Identity, Route.ExpectedIdentities, Route.Target, Connection.Client.Address), this);
        if (_stream is null && !IsOver)
        {
            Connection.Attend(WaitAsync());
        }
    }

    public void OnTunnel(TunnelConnection tunnel)
    {
        EndPatience();
        TunnelStream stream = OpenOn(tunnel);
        _stream = stream;
        tunnel.Open(stream, Connection.Request(Route)); // sends, and may find the tunnel broken
        if (_stream == stream && !IsOver)
        {
            AwaitAnswer();
        }
    }

    public void OnTunnelFailed(string error, ResponseFlag flag) => Fail(
        error,
        flag,
        flag is ResponseFlag.Connect or ResponseFlag.NetworkPolicy
            ? EndpointBlame.Endpoint
            : EndpointBlame.NotTheEndpoint);

    public void OnResponse(Http2Response response)
    {
        if (IsAccepted(response))
        {
            OnAccepted(response);
        }
    }

    // To the same peer once more, where that has not looked at it.
    public void OnNotOpened(string error, ResponseFlag flag, bool isUnseen)
    {
        _deadline?.Cancel();
        if (!IsOver && isUnseen && ++_refusals <= MostRefusals)
        {
            Begin();
            return;
        }

        bool isOurs = flag == ResponseFlag.None; // the pod goes
        Fail(error, flag, isOurs ? EndpointBlame.NotTheEndpoint : EndpointBlame.Endpoint);
    }

    /// <summary>200.</summary>
    protected abstract void OnAccepted(Http2Response response);

    /// <summary>Our half of the stream that is about to be opened.</summary>
    protected abstract TunnelStream OpenOn(TunnelConnection tunnel);

    protected override void Release() => _deadline?.Cancel();

    protected override void OnOverdue() =>
        OnTunnelFailed(Pod.DescribeConnect(IoResult.Failed(Errno.ETIMEDOUT), default), ResponseFlag.NetworkPolicy);

    protected void AwaitAnswer()
    {
        _deadline?.Cancel();
        _deadline = Pod.Proxy.Worker.Schedule(
            Pod.Proxy.Services.Config.Deadlines.ConnectResponse,
            static attempt => ((PooledAttempt)attempt!).OnAnswerLate(),
            this);
    }

    /// <summary>Fails for anything but a 200.</summary>
    protected bool IsAccepted(Http2Response response)
    {
        _deadline?.Cancel();
        if (response.Status == 200)
        {
            return true;
        }

        string reason = Enum.IsDefined((HttpStatusCode)response.Status) ? Reason(response.Status) : "";
        EndpointBlame blame = response.Status != 503 ? EndpointBlame.NotTheEndpoint
            : Route.IsIntermediary ? EndpointBlame.Beyond
            : EndpointBlame.Endpoint;
        Fail($"http status: {response.Status} {reason}".TrimEnd(), ResponseFlag.Connect, blame);
        return false;
    }

    // While our own certificate is not there, nobody is slow but its CA.
    private async Task WaitAsync()
    {
        try
        {
            await Pod.GetCertificateAsync(Connection.Identity);
            if (_stream is null)
            {
                LimitPatience();
            }
        }
        catch (Exception e) when (e is CertificateException or OperationCanceledException)
        {
            // The pool asks for it too, and tells.
        }
    }

    private void OnAnswerLate() => Fail(
        "http2 request failed: the peer did not answer in time", ResponseFlag.Connect, EndpointBlame.Endpoint);

    // "ServiceUnavailable" => "Service Unavailable"
    private static string Reason(int status) => string.Concat(((HttpStatusCode)status).ToString().Select(
        static (letter, at) => char.IsUpper(letter) && at > 0 ? $" {letter}" : $"{letter}"));
}
