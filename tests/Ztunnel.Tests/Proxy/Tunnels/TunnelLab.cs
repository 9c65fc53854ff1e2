using System.Net.Sockets;
using Ztunnel.Config;
using Ztunnel.Hbone;
using Ztunnel.Linux;
using Ztunnel.OpenSsl;
using Ztunnel.Policy;
using Ztunnel.Proxy;
using Ztunnel.Proxy.Relay;
using Ztunnel.Proxy.Tunnels;
using Ztunnel.State;
using Ztunnel.Telemetry;
using Ztunnel.Tests.Linux;
using Ztunnel.Tests.OpenSsl;
using Ztunnel.Tests.Proxy.Relay;
using Ztunnel.Tests.Telemetry;
using Ztunnel.Tests.Tls;
using Ztunnel.Tls;

namespace Ztunnel.Tests.Proxy.Tunnels;

/// <summary>A worker with two tunnels that face each other over loopback and real TLS, and applications at both ends.</summary>
internal sealed class TunnelLab : IDisposable
{
    private readonly TestWorker _thread = new(256 * 1024);
    private readonly MeshLab _mesh = new();
    private readonly LogCapture _log = new("off");
    private readonly WorkloadTls _identity;
    private readonly ProxyWorker _proxy;

    public TunnelLab()
    {
        _identity = _mesh.Workload(MeshLab.Cart.ToString());
        _proxy = new ProxyWorker(
            new ProxyServices
            {
                Config = new ProxyConfig(),
                Workers = [_thread.Worker],
                Mesh = new MeshState(null),
                Certificates = null!, // what asks for these is above a tunnel
                Namespaces = null!,
                Revocations = MeshLab.NoRevocations,
                Policy = new PolicyEngine(_log.Factory.CreateLogger("policy"), Microsoft.Extensions.Logging.LogLevel.Debug),
                Metrics = new ZtunnelMetrics(new MetricSet(1), "test", new MetricOptions(), TimeProvider.System),
                Access = new AccessLog(_log.Factory),
                Log = _log.Factory,
                Time = TimeProvider.System,
            },
            _thread.Worker);
    }

    public TunnelProbe ClientOwner { get; } = new();

    public TunnelProbe ServerOwner { get; } = new();

    public TunnelConnection Client { get; private set; } = null!;

    public TunnelConnection Server { get; private set; } = null!;

    /// <summary>Runs on the worker, where everything of the lab lives.</summary>
    public Task Run(Action work) => _thread.Run(_ => work());

    public Task<T> Run<T>(Func<T> work) => _thread.Run(_ => Task.FromResult(work()));

    public Worker Worker => _thread.Worker;

    public ZtunnelMetrics Metrics => _proxy.Services.Metrics;

    /// <summary>Lists with the certificate that both ends present.</summary>
    public RevocationLists Revocations() => new([TestCrl.Der(_mesh.Root, null, _identity.Chain[0])]);

    /// <summary>Both ends, established.</summary>
    public async Task ConnectAsync()
    {
        (TcpSocket client, TcpSocket server) = SocketPair.Connect();
        await Run(() =>
        {
            Server = Tunnel(server, Http2Role.Server, ServerOwner);
            Client = Tunnel(client, Http2Role.Client, ClientOwner);
        });
        await Task.WhenAll(ClientOwner.Established, ServerOwner.Established).WaitAsync(TestWorker.Patience);
    }

    /// <summary>One end; the other is the test's to play.</summary>
    public async Task<TcpSocket> ConnectAloneAsync(Http2Role role)
    {
        (TcpSocket ours, TcpSocket peer) = SocketPair.Connect();
        await Run(() =>
        {
            if (role == Http2Role.Client)
            {
                Client = Tunnel(ours, role, ClientOwner);
            }
            else
            {
                Server = Tunnel(ours, role, ServerOwner);
            }
        });
        return peer;
    }

    /// <summary>A server whose socket had been told of all there was before it was made, as a late certificate does.</summary>
    public async Task AcceptLateAsync(TcpSocket socket)
    {
        FirstHandler first = new(Worker.Account);
        await Run(() => Worker.Watch(socket, EpollEvents.Connection, first));
        await first.HasSeen.Task.WaitAsync(TestWorker.Patience);
        await Run(() =>
        {
            Server = new TunnelConnection(
                _proxy, new SocketTransport(_proxy, socket, isWatched: true), _identity.Accept(MeshLab.NoRevocations),
                Http2Role.Server, new TurnAccount("late"), ServerOwner);
            Server.Start(first.Seen);
        });
    }

    /// <summary>A stream with applications at both ends.</summary>
    /// <param name="isCallerFull">Its socket takes nothing more: what comes down stays with the relay.</param>
    public async Task<LabStream> OpenAsync(bool isCallerFull = false)
    {
        LabStream stream = new();
        (TcpSocket application, TcpSocket inner) = Pair();
        (TcpSocket caller, TcpSocket outer) = Pair();
        stream.Caller = Application(caller);
        stream.Callee = Application(application);
        byte[] junk = new byte[64 * 1024];
        while (isCallerFull && outer.Send(junk).IsOk)
        {
            stream.Junk += junk.Length; // or less, at the last
        }

        await Run(() =>
        {
            ServerOwner.Requested = (tunnel, http, endStream) =>
            {
                stream.Inbound = NewRelay(tunnel);
                tunnel.Attach(stream.Inbound.Relay!, http);
                Worker.Watch(inner, EpollEvents.Connection, new FirstHandler(Worker.Account)); // in place of a connect
                stream.Inbound.Relay!.Adopt(inner);
                tunnel.Core.Respond(http, 200, baggage: null, endStream: false);
                tunnel.OnOutput();
                stream.Inbound.Relay.Run(NewRecord(Reporter.Destination));
                stream.HasBegun.SetResult();
            };
            stream.Outbound = NewRelay(Client);
            FirstHandler first = new(Worker.Account);
            Worker.Watch(outer, EpollEvents.Connection, first);
            stream.Outbound.Application = () => (outer, first.Seen);
            Client.Open(stream.Outbound.Relay!, new ConnectRequest
            {
                Authority = "10.0.0.1:80",
                Baggage = "",
                Forwarded = "for=\"10.0.0.2:1\"",
                TraceParent = new TraceParent(1, 2),
            });
        });
        await stream.HasBegun.Task.WaitAsync(TestWorker.Patience);
        await stream.Outbound.Begun.WaitAsync(TestWorker.Patience); // until then the caller's socket is nobody's to reset
        return stream;
    }

    /// <summary>Applications with a plain relay between them, run by the outbound probe's owner.</summary>
    public async Task<LabStream> OpenPlainAsync()
    {
        LabStream stream = new();
        (TcpSocket caller, TcpSocket outer) = Pair();
        (TcpSocket application, TcpSocket inner) = Pair();
        stream.Caller = Application(caller);
        stream.Callee = Application(application);
        await Run(() =>
        {
            ConnectionRecord record = NewRecord(Reporter.Source);
            stream.Outbound = new RelayProbe(record);
            Worker.Watch(inner, EpollEvents.Connection, new FirstHandler(Worker.Account)); // in place of a connect
            new SocketRelay(_proxy, Worker.Account, outer, inner, record, stream.Outbound).Run(seen: null);
        });
        return stream;
    }

    public void Dispose()
    {
        _thread.Dispose();
        _mesh.Dispose();
        _log.Dispose();
    }

    private TunnelConnection Tunnel(TcpSocket socket, Http2Role role, TunnelProbe owner)
    {
        MeshSession tls = role == Http2Role.Client
            ? _identity.Connect([MeshLab.Cart], MeshLab.NoRevocations)
            : _identity.Accept(MeshLab.NoRevocations);
        TunnelConnection tunnel = new(
            _proxy, new SocketTransport(_proxy, socket, isWatched: false), tls, role, new TurnAccount(role.ToString()),
            owner);
        tunnel.Start();
        return tunnel;
    }

    private RelayProbe NewRelay(TunnelConnection tunnel)
    {
        RelayProbe probe = new(NewRecord(Reporter.Source));
        probe.Relay = tunnel.Role == Http2Role.Client
            ? new StreamRelay(tunnel, tunnel.Account, probe, probe)
            : new StreamRelay(tunnel, tunnel.Account, probe);
        return probe;
    }

    private ConnectionRecord NewRecord(Reporter reporter) => new(
        _proxy,
        new AccessRecord
        {
            Labels = new TrafficLabels { Reporter = reporter },
            SourceAddress = default,
            DestinationAddress = default,
        },
        start: 0);

    // As a pod's sockets are: what waits for Nagle's algorithm is lost in a reset.
    private static (TcpSocket Application, TcpSocket Ours) Pair()
    {
        (TcpSocket application, TcpSocket ours) = SocketPair.Connect();
        Ztunnel.Linux.SocketOptions.SetNoDelay(application);
        Ztunnel.Linux.SocketOptions.SetNoDelay(ours);
        return (application, ours);
    }

    private static Socket Application(TcpSocket socket)
    {
        Socket application = new(new SafeSocketHandle(socket.DangerousGetHandle(), ownsHandle: true)) { Blocking = false };
        socket.SetHandleAsInvalid();
        return application;
    }

    private sealed class FirstHandler(TurnAccount account) : IEpollHandler
    {
        public TurnAccount Account => account;

        public EpollEvents Seen { get; private set; }

        public TaskCompletionSource HasSeen { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void OnEvents(EpollEvents events)
        {
            Seen |= events;
            HasSeen.TrySetResult();
        }
    }
}
