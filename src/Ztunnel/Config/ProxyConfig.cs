namespace Ztunnel.Config;

/// <summary>Every setting of this process, read and checked once at start.</summary>
internal sealed record ProxyConfig
{
    /// <summary>Relative to the working directory, which is <c>/</c> in the image.</summary>
    public const string MeshFile = "./etc/istio/config/mesh";

    /// <summary>Carry traffic at all (<c>ENABLE_PROXY</c>).</summary>
    public bool EnableProxy { get; init; } = true;

    public InstanceOptions Instance { get; init; } = new();

    public ControlPlaneOptions ControlPlane { get; init; } = new();

    public ListenOptions Listen { get; init; } = new();

    public TunnelOptions Tunnel { get; init; } = new();

    public PoolOptions Pool { get; init; } = new();

    public EndpointOptions Endpoints { get; init; } = new();

    public SocketOptions Sockets { get; init; } = new();

    public InPodOptions InPod { get; init; } = new();

    public DrainOptions Drain { get; init; } = new();

    public DeadlineOptions Deadlines { get; init; } = new();

    public DnsOptions Dns { get; init; } = new();

    public TlsOptions Tls { get; init; } = new();

    public LogOptions Log { get; init; } = new();

    public ProxyMetadata Metadata { get; init; } = ProxyMetadata.Empty;

    /// <summary>Threads that carry traffic; see <see cref="WorkerCount"/>.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>As baked into the image (<c>ISTIO_META_ISTIO_VERSION</c>).</summary>
    public string IstioVersion { get; init; } = "unknown";

    /// <summary>The command line, for the dump.</summary>
    public string Arguments { get; init; } = "";

    /// <summary>
    /// SO_MARK of calls to the control plane; null: none. In dedicated mode they start in the pod itself, where the
    /// redirect would turn them to the very proxy that waits for their answers before it serves.
    /// </summary>
    public uint? ControlPlaneMark => Instance.Mode == ProxyMode.Dedicated ? Sockets.PacketMark : null;

    /// <param name="meshFile">Normally <see cref="MeshFile"/>.</param>
    /// <param name="logicalCores">Of the machine.</param>
    /// <exception cref="ConfigException">The first setting that cannot be used.</exception>
    public static ProxyConfig From(EnvironmentReader env, string meshFile, int logicalCores, string arguments)
    {
        ProxyConfigDocument document = ProxyConfigDocument.From(env, meshFile);
        ProxyMetadata metadata = ProxyMetadata.From(env, document);
        InstanceOptions instance = InstanceOptions.From(env);
        return new ProxyConfig
        {
            EnableProxy = env.Bool("ENABLE_PROXY") ?? true,
            Instance = instance,
            ControlPlane = ControlPlaneOptions.From(env, document.DiscoveryAddress, instance.Mode),
            Listen = ListenOptions.From(env, document),
            Tunnel = TunnelOptions.From(env),
            Pool = PoolOptions.From(env),
            Endpoints = EndpointOptions.From(env),
            Sockets = SocketOptions.From(env, instance.Mode),
            InPod = InPodOptions.From(env),
            Drain = DrainOptions.From(env),
            Deadlines = DeadlineOptions.From(env),
            Dns = DnsOptions.From(env, metadata.Values),
            Tls = TlsOptions.From(env),
            Log = LogOptions.From(env),
            Metadata = metadata,
            Workers = WorkerCount.From(env, document.Concurrency, logicalCores),
            IstioVersion = env.Text("ISTIO_META_ISTIO_VERSION") ?? "unknown",
            Arguments = arguments,
        }.Validated();
    }

    private ProxyConfig Validated()
    {
        if (!EnableProxy && !Dns.Enabled)
        {
            throw ConfigException.Inconsistent("ztunnel run without any servers enabled");
        }

        if (ControlPlane.OnDemand && Dns.Enabled)
        {
            throw ConfigException.Inconsistent("DNS proxy does not currently support on-demand mode");
        }

        return Tunnel.ConnectionWindow >= Tunnel.StreamWindow
            ? this
            : throw ConfigException.Inconsistent(
                $"HTTP2_CONNECTION_WINDOW_SIZE={Tunnel.ConnectionWindow} must not be smaller than "
                + $"HTTP2_STREAM_WINDOW_SIZE={Tunnel.StreamWindow}");
    }
}
