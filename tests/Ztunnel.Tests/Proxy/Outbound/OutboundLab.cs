using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Ztunnel.Certificates;
using Ztunnel.Config;
using Ztunnel.Hbone;
using Ztunnel.Identity;
using Ztunnel.Linux;
using Ztunnel.Policy;
using Ztunnel.Proxy;
using Ztunnel.Proxy.Inbound;
using Ztunnel.Proxy.Outbound;
using Ztunnel.Proxy.Pods;
using Ztunnel.Proxy.Relay;
using Ztunnel.Proxy.Tunnels;
using Ztunnel.State;
using Ztunnel.Telemetry;
using Ztunnel.Tests.Linux;
using Ztunnel.Tests.Proxy.Relay;
using Ztunnel.Tests.Proxy.Tunnels;
using Ztunnel.Tests.Telemetry;
using Ztunnel.Tests.Tls;
using Ztunnel.Tls;
using static Ztunnel.Tests.State.TestMesh;

namespace Ztunnel.Tests.Proxy.Outbound;

/// <summary>
/// A pod that calls a service whose two endpoints are addresses of loopback, on one worker: <c>first</c>, which weighs a
/// million times as much and so is chosen, and <c>second</c>.
/// </summary>
internal sealed partial class OutboundLab : IAsyncDisposable
{
    private static readonly InetAddress s_loopback = InetAddress.LoopbackV4;

    private readonly TestWorker _thread = new(256 * 1024);
    private readonly EmbeddedRoot _root = EmbeddedRoot.Create(TimeProvider.System);
    private readonly List<IDisposable> _owned = [];
    private readonly CertificateStore _certificates;
    private readonly PodWorker _pod;
    private readonly MeshState _mesh = new(null);
    private readonly MetricSet _metrics = new(1);

    public OutboundLab(bool isHbone, Func<ProxyConfig, ProxyConfig>? change = null)
    {
        Port = TestPorts.Next();
        ProxyConfig config = new() { Listen = new ListenOptions { InboundPort = isHbone ? Port : (ushort)15008 } };
        _certificates = new CertificateStore(
            new CertificateIssuer(
                new EmbeddedCa(_root, TimeSpan.FromHours(1), TimeProvider.System),
                new CertificateReader(requireIdentity: true, TimeProvider.System, NullLogger.Instance)),
            TimeProvider.System,
            new Random(1),
            NullLogger.Instance);
        Metrics = new ZtunnelMetrics(_metrics, "test", new MetricOptions(), TimeProvider.System);
        ProxyServices services = new()
        {
            Config = change?.Invoke(config) ?? config,
            Workers = [_thread.Worker],
            Mesh = _mesh,
            Certificates = _certificates,
            Namespaces = null!, // only listeners of pods need it
            Revocations = Revocations,
            Policy = new PolicyEngine(NullLogger.Instance, Microsoft.Extensions.Logging.LogLevel.Debug),
            Metrics = Metrics,
            Access = new AccessLog(Log.Factory),
            Log = Log.Factory,
            Time = TimeProvider.System,
        };
        WorkloadInfo client = new("client", "shop", "client");
        PodContext pod = new(services, client, PodKind.Self, null, KeepsSource: false);
        _pod = new PodWorker(pod, new ProxyWorker(services, _thread.Worker), NullLogger.Instance);
        _mesh.Apply(Update(
            Pod("client", "127.0.0.1", isHbone, capacity: 1),
            Pod("first", "127.0.0.2", isHbone, capacity: 1_000_000),
            Pod("second", "127.0.0.3", isHbone, capacity: 1),
            Web()));
    }

    /// <summary>Of the endpoints: the application's, or that of their proxies.</summary>
    public ushort Port { get; }

    public ZtunnelMetrics Metrics { get; }

    /// <summary>Of the pod that calls; whom it calls revokes nobody.</summary>
    public Revocations Revocations { get; } = new();

    public LogCapture Log { get; } = new();

    public long Retries => Metrics.Endpoints.Retries.Sum;

    public long Avoided => Metrics.Endpoints.Avoided.Sum;

    public static InetAddress First { get; } = Ip("127.0.0.2");

    public static InetAddress Second { get; } = Ip("127.0.0.3");

    /// <summary>On the worker only.</summary>
    public int OpenTunnels => (int)(Metrics.Tunnels.Client.Open.Sum + Metrics.Tunnels.Server.Open.Sum);

    public int OpenStreams => (int)(Metrics.Tunnels.Client.StreamsOpen.Sum + Metrics.Tunnels.Server.StreamsOpen.Sum);

    /// <summary>A plain application that echoes, or whatever it is told to do.</summary>
    public void Listen(InetAddress address, Action<TcpSocket> serve) => _owned.Add(LoopbackListener.Start(_thread.Worker, new InetEndpoint(address, Port), serve));

    /// <summary>A proxy that answers every CONNECT in the same way.</summary>
    /// <param name="identity">Whose certificate it presents: the account's name.</param>
    public async Task ServeAsync(InetAddress address, string identity, Action<TunnelConnection, Http2Stream> answer)
    {
        WorkloadTls tls = await CertificateAsync(identity);
        TunnelProbe owner = new() { Requested = (tunnel, stream, _) => answer(tunnel, stream) };
        Listen(address, socket => Accept(socket, tls, owner));
    }

    /// <summary>A network gateway whose tunnels all lead to one peer behind it, which <paramref name="peer"/> hears.</summary>
    /// <returns>The outer end; its last request is the last call.</returns>
    public async Task<TunnelProbe> ServeGatewayAsync(InetAddress address, string identity, TunnelProbe peer)
    {
        WorkloadTls outer = await CertificateAsync("gateway");
        WorkloadTls inner = await CertificateAsync(identity);
        TunnelProbe gateway = new()
        {
            Requested = (tunnel, stream, _) =>
            {
                StreamTransport transport = new(tunnel, null!); // a server's stream has no caller
                tunnel.Attach(transport, stream);
                tunnel.Core.Respond(stream, 200, baggage: null, endStream: false);
                tunnel.OnOutput();
                Accept(transport, inner, peer);
            },
        };
        Listen(address, socket => Accept(socket, outer, gateway));
        return gateway;
    }

    /// <summary>Answers a CONNECT with a relay to an application; this is the application's end.</summary>
    public Socket Connect(TunnelConnection tunnel, Http2Stream stream, string? baggage)
    {
        (TcpSocket application, TcpSocket ours) = SocketPair.Connect();
        RelayProbe owner = new(NewRecord());
        StreamRelay relay = new(tunnel, tunnel.Account, owner);
        tunnel.Attach(relay, stream);
        tunnel.Proxy.Worker.Watch(ours, EpollEvents.Connection, new DeafHandler(tunnel.Account)); // in place of a connect
        relay.Adopt(ours);
        tunnel.Core.Respond(stream, 200, baggage, endStream: false);
        tunnel.OnOutput();
        relay.Run(NewRecord());
        return Application(application);
    }

    /// <summary>Somebody asks the pod's own proxy for a service that it has to ask the control plane for.</summary>
    /// <param name="learnt">What the control plane says to that.</param>
    /// <returns>The status of the answer.</returns>
    public async Task<int> RequestAsync(string authority, MeshUpdate learnt)
    {
        _mesh.Fetch = async (_, _) =>
        {
            await Task.Yield();
            _mesh.Apply(learnt);
            return true;
        };
        WorkloadTls tls = await CertificateAsync("caller");
        (TcpSocket near, TcpSocket far) = SocketPair.Connect();
        TunnelProbe owner = new();
        TunnelConnection? tunnel = null;
        await Run(() =>
        {
            new InboundTunnel(_pod, far, near.LocalEndpoint()).Begin();
            tunnel = new TunnelConnection(
                _pod.Proxy, new SocketTransport(_pod.Proxy, near, isWatched: false),
                tls.Connect([new SpiffeId("cluster.local", "shop", "client")], MeshLab.NoRevocations), Http2Role.Client,
                new TurnAccount("caller"), owner);
            tunnel.Start();
        });
        await owner.Established.WaitAsync(TestWorker.Patience);
        StatusProbe answer = new();
        await Run(() => tunnel!.Open(new StreamTransport(tunnel, answer), new ConnectRequest
        {
            Authority = authority,
            Baggage = "",
            Forwarded = "for=\"10.0.0.2:1\"",
            TraceParent = new TraceParent(1, 2),
        }));
        int status = await answer.Status.Task.WaitAsync(TestWorker.Patience);
        await Run(() => tunnel!.End(TunnelEnd.Aborted, null));
        return status;
    }

    /// <summary>The application calls the service; this is its end of the connection.</summary>
    public async Task<Socket> CallAsync()
    {
        (TcpSocket application, TcpSocket ours) = SocketPair.Connect();
        await Run(() => new OutboundConnection(_pod, ours, application.LocalEndpoint()).BeginTo(At("10.96.0.1:80")));
        return Application(application);
    }

    /// <summary>Turn by turn, until it is so.</summary>
    public async Task UntilAsync(Func<bool> isSo)
    {
        long deadline = Environment.TickCount64 + (long)TestWorker.Patience.TotalMilliseconds;
        while (!await _thread.Run(_ => Task.FromResult(isSo())))
        {
            Assert.True(Environment.TickCount64 < deadline, "it does not come about");
        }
    }

    /// <summary>The one line of the access log with these words.</summary>
    public async Task<string> LineAsync(params string[] words)
    {
        await UntilAsync(() => Lines().Any());
        return Assert.Single(Lines());

        IEnumerable<string> Lines() => Log.Text.Split('\n').Where(
            line => words.All(word => line.Contains(word, StringComparison.Ordinal)));
    }

    public async Task<string> ScrapeAsync()
    {
        using MemoryStream text = new();
        await MetricsExposition.WriteAsync(_metrics, ExpositionText.OpenMetrics, text, CancellationToken.None);
        return System.Text.Encoding.UTF8.GetString(text.ToArray());
    }

    /// <summary>The calling pod learns that this account's certificate is taken back.</summary>
    public async Task RevokeAsync(string account)
    {
        await SetRevokedAsync(account);
        await Run(() => _pod.RecheckPeers(Revocations.Current!));
    }

    /// <summary>The pod's proxy without listeners, which hears of changes by itself.</summary>
    public PodProxy NewProxy() => new(_pod.Pod, [_pod], [], NullLogger.Instance);

    /// <summary>The list is in force, and nobody is told but who listens.</summary>
    public async Task SetRevokedAsync(string account)
    {
        WorkloadTls tls = await CertificateAsync(account);
        using X509Certificate2 leaf = X509CertificateLoader.LoadCertificate(tls.Chain[0]);
        CertificateRevocationListBuilder builder = new();
        builder.AddEntry(leaf);
        Revocations.Set("test",
        [
            builder.Build(
                _root.Certificate.SubjectName,
                new EvpKeySignatures(_root.Key),
                crlNumber: 1,
                DateTimeOffset.UtcNow.AddHours(1),
                HashAlgorithmName.SHA256,
                X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(
                    new X509SubjectKeyIdentifierExtension(_root.Certificate.PublicKey, critical: false))),
        ]);
    }

    public Task Run(Action work) => _thread.Run(_ => work());

    public async ValueTask DisposeAsync()
    {
        await Run(_pod.Abort);
        _owned.ForEach(owned => owned.Dispose());
        _thread.Dispose();
        await _certificates.DisposeAsync();
        _root.Dispose();
        Log.Dispose();
    }

    private void Accept(TcpSocket socket, WorkloadTls tls, TunnelProbe owner) =>
        Accept(new SocketTransport(_pod.Proxy, socket, isWatched: false), tls, owner);

    private void Accept(ITunnelTransport transport, WorkloadTls tls, TunnelProbe owner) => new TunnelConnection(
        _pod.Proxy, transport, tls.Accept(MeshLab.NoRevocations), Http2Role.Server, new TurnAccount("peer"), owner).Start();

    private Task<WorkloadTls> CertificateAsync(string account) => _certificates.GetAsync(
        new SpiffeId("cluster.local", "shop", account), CertificatePriority.RealTime, CancellationToken.None).AsTask();

    private Socket Application(TcpSocket socket)
    {
        Socket application = new(new SafeSocketHandle(socket.DangerousGetHandle(), ownsHandle: true)) { Blocking = false };
        socket.SetHandleAsInvalid();
        _owned.Add(application);
        return application;
    }

    private ConnectionRecord NewRecord() => new(
        _pod.Proxy,
        new AccessRecord
        {
            Labels = new TrafficLabels { Reporter = Reporter.Destination },
            SourceAddress = default,
            DestinationAddress = default,
        },
        start: 0);
}
