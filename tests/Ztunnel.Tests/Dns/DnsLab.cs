using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Ztunnel.Config;
using Ztunnel.Dns;
using Ztunnel.Dns.Forwarding;
using Ztunnel.Identity;
using Ztunnel.Linux;
using Ztunnel.State;
using Ztunnel.Telemetry;
using Ztunnel.Tests.Dns.Messages;
using Ztunnel.Tests.Linux;
using Ztunnel.Tests.State;
using Ztunnel.Tests.Telemetry;

namespace Ztunnel.Tests.Dns;

/// <summary>
/// A DNS server on loopback as dedicated mode has it, with a mesh of one service (<c>echo.default.svc.cluster.local</c>,
/// 10.96.0.10 and 256 addresses for <c>many</c>), and a client.
/// </summary>
internal sealed class DnsLab : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TestWorker _thread = new();
    private readonly NamespaceThread _namespaces = new("dns-lab");
    private readonly string _file = Path.GetTempFileName();
    private readonly LogCapture _log;
    private readonly List<PodDns> _servers = [];
    private readonly ZtunnelMetrics _metrics;
    private readonly DnsServices _services;

    /// <param name="resolver">Text of the file that names upstream servers.</param>
    /// <param name="log">Its filter.</param>
    public DnsLab(
        string resolver, Func<ProxyConfig, ProxyConfig>? change = null, bool isKnown = true, string log = "debug")
    {
        _log = new LogCapture(log);
        File.WriteAllText(_file, resolver);
        Port = TestPorts.Next();
        _namespaces.Start();
        ProxyConfig config = new()
        {
            Dns = new DnsOptions
            {
                OnLocalhost = false,
                Address = new InetEndpoint(InetAddress.LoopbackV4, (ushort)Port),
                ResolverPath = _file,
            },
            Sockets = new Ztunnel.Config.SocketOptions { PacketMark = null },
        };
        _metrics = new ZtunnelMetrics(new MetricSet(1), "test", new MetricOptions(), TimeProvider.System);
        _services = new DnsServices(
            change?.Invoke(config) ?? config, _thread.Worker, Mesh, _metrics.Dns!, _log.Factory, TimeProvider.System);
        Mesh.Apply(TestMesh.Update(
            Resolution.ResolverLab.Service("default/echo.default.svc.cluster.local", "/10.96.0.10"),
            Resolution.ResolverLab.Service(
                "default/many.default.svc.cluster.local", [.. Enumerable.Range(0, 256).Select(i => $"/10.97.0.{i}")])));
        if (isKnown)
        {
            Know();
        }
    }

    public static WorkloadInfo Info { get; } = new("client", "default", "sa");

    public MeshState Mesh { get; } = new(localNode: null);

    public int Port { get; }

    public IPEndPoint Address => new(IPAddress.Loopback, Port);

    /// <summary>Where the upstream servers stand.</summary>
    public string ResolverPath => _file;

    public string Log => _log.Text;

    public static string Server(int port) => $"nameserver [127.0.0.1]:{port}\noptions timeout:1 attempts:1\n";

    public void Know() => Mesh.Apply(TestMesh.Update(new Workload
    {
        Uid = "client",
        Name = Info.Name,
        Namespace = Info.Namespace,
        ServiceAccount = Info.ServiceAccount,
        CanonicalName = "client",
        CanonicalRevision = "v1",
    }));

    public async Task<PodDns> StartAsync()
    {
        PodDns server = await new DnsServerFactory(_services, _namespaces)
            .StartAsync(Info, network: null, CancellationToken.None);
        _servers.Add(server);
        return server;
    }

    public Task StopAsync(PodDns server, bool graceful)
    {
        _servers.Remove(server);
        return server.StopAsync(graceful);
    }

    /// <summary>One datagram there and one back.</summary>
    public async Task<byte[]> AskAsync(byte[] query)
    {
        using Socket client = Client();
        await client.SendAsync(query);
        return await ReceiveAsync(client);
    }

    public async Task<Wire.Answer> AskAsync(string name, ushort type = Wire.A) =>
        Wire.Read(await AskAsync(Wire.Query(name, type)));

    public Socket Client()
    {
        Socket client = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        client.Connect(Address);
        return client;
    }

    public static async Task<byte[]> ReceiveAsync(Socket client)
    {
        byte[] answer = new byte[65_535];
        return answer[..await client.ReceiveAsync(answer).WaitAsync(Patience)];
    }

    public async Task<NetworkStream> ConnectAsync()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(Address);
        return new NetworkStream(socket, ownsSocket: true);
    }

    public static byte[] Framed(byte[] message) => [.. Wire.Word((ushort)message.Length), .. message];

    public static async Task<byte[]> ReadFrameAsync(Stream stream)
    {
        byte[] length = new byte[2];
        await stream.ReadExactlyAsync(length).AsTask().WaitAsync(Patience);
        byte[] message = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await stream.ReadExactlyAsync(message).AsTask().WaitAsync(Patience);
        return message;
    }

    /// <summary>Bytes of the heap that so many queries cost, all of them answered at once, on the DNS thread.</summary>
    public Task<long> AllocatedAsync(byte[] query, int rounds) => _thread.Run(_ =>
    {
        QueryHandler handler = new(new DnsPod(_services, Info, network: null, []));
        NoSource source = new();
        Assert.True(handler.Handle(query, _services.Scratch, source) > 0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < rounds; i++)
        {
            handler.Handle(query, _services.Scratch, source);
        }

        return Task.FromResult(GC.GetAllocatedBytesForCurrentThread() - before);
    });

    /// <summary>The metrics page.</summary>
    public async Task<string> MetricsAsync()
    {
        using MemoryStream output = new();
        await MetricsExposition.WriteAsync(_metrics.Set, ExpositionText.OpenMetrics, output, CancellationToken.None);
        return System.Text.Encoding.UTF8.GetString(output.ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (PodDns server in _servers)
        {
            await server.StopAsync(graceful: false);
        }

        _thread.Dispose();
        _namespaces.Dispose();
        _log.Dispose();
        File.Delete(_file);
    }

    // Of queries that must not have to wait.
    private sealed class NoSource : IQuerySource
    {
        public bool IsOverTcp => false;

        public IReplyTo Detach(int limit) => throw new InvalidOperationException("it was to be answered at once");
    }
}
