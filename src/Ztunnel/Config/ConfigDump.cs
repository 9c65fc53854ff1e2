using System.Text.Json;
using Ztunnel.Linux;

namespace Ztunnel.Config;

/// <summary>The effective settings as <c>/config_dump</c> and the banner at start show them. Secrets are masked.</summary>
internal static class ConfigDump
{
    private const string Masked = "***";

    /// <summary>One JSON object.</summary>
    public static void WriteJson(Utf8JsonWriter json, ProxyConfig config) => DumpJson.Write(json, Describe(config));

    /// <summary>YAML, one field per line, with a line break at its end.</summary>
    public static string ToYaml(ProxyConfig config) => DumpYaml.Write(Describe(config));

    // In the order of the reference's banner.
    private static DumpNode.Map Describe(ProxyConfig config) => new(
    [
        .. DataPlane(config),
        .. Addresses(config),
        .. Instance(config.Instance),
        .. ControlPlane(config),
        ("selfTerminationDeadline", Duration(config.Drain.Deadline)),
        ("proxyMetadata", Metadata(config.Metadata)),
        ("numWorkerThreads", config.Workers),
        ("requireOriginalSource", new DumpNode.Scalar(config.Sockets.RequiresOriginalSource)),
        ("proxyArgs", config.Arguments),
        ("dnsResolverCfg", (string?)null), // settings of a library; ours are in /etc/resolv.conf
        ("dnsResolverOpts", (string?)null),
        ("inpodUds", config.InPod.SocketPath),
        ("inpodPortReuse", config.InPod.PortReuse),
        ("packetMark", new DumpNode.Scalar((long?)config.Sockets.PacketMark)),
        ("socketConfig", Sockets(config.Sockets)),
        ("xdsHeaders", Headers(config.ControlPlane.XdsHeaders)),
        ("caHeaders", Headers(config.ControlPlane.CaHeaders)),
        ("localhostAppTunnel", config.InPod.LocalhostAppTunnel),
        ("ztunnelIdentity", SelfIdentity(config.Instance)),
        ("ztunnelWorkload", Pod(config.Instance.Self)),
        ("ipv6Enabled", config.Listen.IPv6),
        ("crlPath", config.ControlPlane.CrlPath),
        ("enableEnhancedBaggage", config.Tunnel.UsesBaggage),
    ]);

    private static IEnumerable<(string Name, DumpNode Value)> DataPlane(ProxyConfig config) =>
    [
        ("proxy", config.EnableProxy),
        ("dnsProxy", config.Dns.Enabled),
        ("windowSize", config.Tunnel.StreamWindow),
        ("connectionWindowSize", config.Tunnel.ConnectionWindow),
        ("frameSize", config.Tunnel.FrameSize),
        ("poolMaxStreamsPerConn", config.Pool.MaxStreamsPerConnection),
        ("poolUnusedReleaseTimeout", Duration(config.Pool.UnusedReleaseTimeout)),
    ];

    private static IEnumerable<(string Name, DumpNode Value)> Addresses(ProxyConfig config)
    {
        ListenOptions listen = config.Listen;
        DnsOptions dns = config.Dns;
        return
        [
            ("socks5Addr", listen.Socks5Port is { } socks ? $"127.0.0.1:{socks}" : null),
            ("adminAddr", Localhost(listen.IPv6, listen.AdminPort)),
            ("statsAddr", SocketAddress(new InetEndpoint(listen.Wildcard, listen.StatsPort))),
            ("readinessAddr", SocketAddress(new InetEndpoint(listen.Wildcard, listen.ReadinessPort))),
            ("inboundAddr", new InetEndpoint(listen.Wildcard, listen.InboundPort).ToString()),
            ("inboundPlaintextAddr", new InetEndpoint(listen.Wildcard, listen.InboundPlaintextPort).ToString()),
            ("outboundAddr", new InetEndpoint(listen.Wildcard, listen.OutboundPort).ToString()),
            ("dnsProxyAddr", dns.OnLocalhost ? Localhost(listen.IPv6, dns.Address.Port) : SocketAddress(dns.Address)),
            ("illegalPorts", List(listen.Forbidden.Ports.ToArray().Order().Select(port => (DumpNode)(long)port))),
        ];
    }

    private static IEnumerable<(string Name, DumpNode Value)> Instance(InstanceOptions instance) =>
    [
        ("network", instance.Network),
        ("localNode", instance.LocalNode),
        ("proxyMode", instance.Mode == ProxyMode.Shared ? "Shared" : "Dedicated"),
        ("proxyWorkloadInformation", Pod(instance.Workload)),
        ("clusterId", instance.ClusterId),
        ("clusterDomain", instance.ClusterDomain),
    ];

    private static IEnumerable<(string Name, DumpNode Value)> ControlPlane(ProxyConfig config)
    {
        ControlPlaneOptions options = config.ControlPlane;
        return
        [
            ("caAddress", Address(options.CaAddress)),
            ("caRootCert", Roots(options.CaRoots)),
            ("altCaHostname", options.AltCaHostname),
            ("xdsAddress", Address(options.XdsAddress)),
            ("xdsRootCert", Roots(options.XdsRoots)),
            ("altXdsHostname", options.AltXdsHostname),
            ("preferedServiceNamespace", config.Dns.PreferredServiceNamespace),
            ("secretTtl", Duration(options.SecretTtl)),
            ("xdsOnDemand", options.OnDemand),
            ("fakeCa", options.FakeCa),
            ("fakeSelfInbound", false),
        ];
    }

    private static DumpNode.Map Sockets(SocketOptions sockets) => new(
    [
        ("keepaliveTime", Duration(sockets.KeepAliveTime)),
        ("keepaliveInterval", Duration(sockets.KeepAliveInterval)),
        ("keepaliveRetries", sockets.KeepAliveRetries),
        ("keepaliveEnabled", sockets.KeepAlive),
        ("userTimeoutEnabled", sockets.UsesUserTimeout),
    ]);

    private static DumpNode.Map Metadata(ProxyMetadata metadata) =>
        new([.. metadata.Values.Select(entry => (entry.Key, (DumpNode)entry.Value))]);

    private static DumpNode.Map Duration(TimeSpan duration) => new(
    [
        ("secs", (long)duration.TotalSeconds),
        ("nanos", duration.Ticks % TimeSpan.TicksPerSecond * 100),
    ]);

    private static DumpNode.Sequence Headers(IReadOnlyList<KeyValuePair<string, string>> headers) =>
        List(headers.Select(header => (DumpNode)List([header.Key, Masked])));

    private static DumpNode Pod(PodIdentity? pod) => pod is null ? new DumpNode.Scalar(null) : new DumpNode.Map(
    [
        ("name", pod.Name),
        ("namespace", pod.Namespace),
        ("serviceAccount", pod.ServiceAccount),
    ]);

    private static string? SelfIdentity(InstanceOptions instance) => instance.Self is { } self
        ? $"spiffe://{instance.TrustDomain}/ns/{self.Namespace}/sa/{self.ServiceAccount}"
        : null;

    private static DumpNode Roots(RootCertificates roots) => roots.Source switch
    {
        RootSource.File => new DumpNode.Tagged("File", roots.Value),
        RootSource.System => "Default",
        _ => "Static",
    };

    private static string? Address(Uri? address) => address?.GetLeftPart(UriPartial.Authority);

    private static DumpNode.Tagged Localhost(bool ipv6, ushort port) => new("Localhost", List([ipv6, (long)port]));

    private static DumpNode.Tagged SocketAddress(InetEndpoint endpoint) => new("SocketAddr", endpoint.ToString());

    private static DumpNode.Sequence List(IEnumerable<DumpNode> items) => new([.. items]);
}
