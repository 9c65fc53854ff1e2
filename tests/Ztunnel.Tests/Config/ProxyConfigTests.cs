using Ztunnel.Config;
using Ztunnel.Linux;
using static Ztunnel.Tests.Config.Env;

namespace Ztunnel.Tests.Config;

public sealed class ProxyConfigTests
{
    [Fact]
    public void From_NothingSet_IsTheDefaults()
    {
        ProxyConfig config = Read();

        Assert.True(config.EnableProxy && config.Dns.Enabled && config.Listen.IPv6 && config.InPod.PortReuse);
        Assert.Equal(ProxyMode.Shared, config.Instance.Mode);
        Assert.Null(config.Instance.Self);
        Assert.Null(config.Instance.LocalNode);
        Assert.Equal("https://localhost:15012/", config.ControlPlane.XdsAddress!.ToString());
        Assert.Equal("https://localhost:15012/", config.ControlPlane.CaAddress!.ToString());
        Assert.Equal(RootSource.Inline, config.ControlPlane.CaRoots.Source);
        Assert.Null(config.ControlPlane.Token);
        Assert.Equal((uint?)1337, config.Sockets.PacketMark);
        Assert.Equal(TimeSpan.FromSeconds(1800), config.Sockets.UserTimeout);
        Assert.Null(config.Sockets.RequiresOriginalSource);
        Assert.Equal((4194304, 16777216, 1048576), (config.Tunnel.StreamWindow, config.Tunnel.ConnectionWindow, config.Tunnel.FrameSize));
        Assert.Equal(TimeSpan.FromMinutes(5), config.Pool.UnusedReleaseTimeout);
        Assert.Equal(TimeSpan.FromSeconds(5), config.Drain.Deadline);
        Assert.Equal("info", config.Log.Filter);
        Assert.Equal(2, config.Workers);
        Assert.Equal([15008, 15006, 15001], config.Listen.Forbidden.Ports.ToArray().Select(port => (int)port));
    }

    [Fact]
    public void From_InKubernetes_AsksIstiod()
    {
        ProxyConfig config = Read(("KUBERNETES_SERVICE_HOST", ""), ("XDS_ADDRESS", ""));

        Assert.Null(config.ControlPlane.XdsAddress);
        Assert.Equal("https://istiod.istio-system.svc:15012/", config.ControlPlane.CaAddress!.ToString());
    }

    [Fact]
    public void From_EveryVariable_IsRead()
    {
        ProxyConfig config = Read(
            ("PROXY_MODE", "dedicated"), ("PROXY_WORKLOAD_INFO", "ns/name/sa"), ("NODE_NAME", "node"), ("NETWORK", "net"),
            ("CLUSTER_ID", "ignored"), ("ISTIO_META_CLUSTER_ID", "cluster"), ("CLUSTER_DOMAIN", "cluster.test"), ("POD_NAME", "zt"),
            ("POD_NAMESPACE", "istio-system"), ("SERVICE_ACCOUNT", ""), ("TRUST_DOMAIN", "td"), ("INSTANCE_IP", "x"),
            ("XDS_ADDRESS", "istiod:15010/path"), ("CA_ADDRESS", "http://[::1]:99"), ("XDS_ROOT_CA", "SYSTEM"), ("CA_ROOT_CA", "PEM"),
            ("ALT_XDS_HOSTNAME", "x.test"), ("ALT_CA_HOSTNAME", "c.test"), ("AUTH_TOKEN", "secret"), ("XDS_HEADER_X_Tenant", "7"),
            ("CA_HEADER_a", "b"), ("XDS_ON_DEMAND", "true"), ("SECRET_TTL", "1h"), ("LOCAL_XDS", "{}"), ("CRL_PATH", "/crl"),
            ("ISTIO_META_DNS_CAPTURE", "False"), ("ISTIO_META_DNS_PROXY_ADDR", "localhost:53"), ("PREFERED_SERVICE_NAMESPACE", "pref"),
            ("IPV6_ENABLED", "false"), ("ENABLE_ORIG_SRC", "false"), ("INPOD_UDS", "/sock"), ("INPOD_PORT_REUSE", "false"),
            ("POOL_MAX_STREAMS_PER_CONNECTION", "7"), ("POOL_UNUSED_RELEASE_TIMEOUT", "0"), ("HTTP2_STREAM_WINDOW_SIZE", "65535"),
            ("HTTP2_CONNECTION_WINDOW_SIZE", "65536"), ("HTTP2_FRAME_SIZE", "16384"), ("KEEPALIVE_ENABLED", "false"),
            ("KEEPALIVE_TIME", "10s"), ("KEEPALIVE_INTERVAL", "5"), ("KEEPALIVE_RETRIES", "3"), ("USER_TIMEOUT_ENABLED", "true"),
            ("CONNECTION_TERMINATION_DEADLINE", "7s"), ("TERMINATION_GRACE_PERIOD_SECONDS", "30"), ("UNSTABLE_ENABLE_SOCKS5", "true"),
            ("LOCALHOST_APP_TUNNEL", "false"), ("ENABLE_RESPONSE_BAGGAGE", "false"), ("TLS12_ENABLED", "true"), ("COMPLIANCE_POLICY", "pqc"),
            ("ZTUNNEL_WORKER_THREADS", "3"), ("RUST_LOG", ""), ("LOG_FORMAT", "json"), ("AUTHZ_POLICY_INFO_LOGGING", "true"),
            ("ISTIO_META_ISTIO_VERSION", "1.27"), ("ZTUNNEL_HANDSHAKE_TIMEOUT", "1s"), ("ZTUNNEL_CONNECT_TIMEOUT", "2s"),
            ("ZTUNNEL_CONNECT_RESPONSE_TIMEOUT", "3s"), ("ZTUNNEL_HALF_CLOSED_TIMEOUT", "4s"), ("ZTUNNEL_WORKLOAD_TIMEOUT", "5s"),
            ("ZTUNNEL_METRICS_GRACE", "6s"), ("ZTUNNEL_MAX_CONCURRENT_STREAMS", "9"),
            ("ZTUNNEL_CONNECT_RETRIES", "0"), ("ZTUNNEL_ENDPOINT_AVOIDANCE", "false"));

        Assert.Equal((ProxyMode.Dedicated, new PodIdentity("name", "ns", "sa")), (config.Instance.Mode, config.Instance.Workload));
        Assert.Equal(("node", "net", "cluster", "cluster.test", "td", "x"), (
            config.Instance.LocalNode, config.Instance.Network, config.Instance.ClusterId, config.Instance.ClusterDomain,
            config.Instance.TrustDomain, config.Instance.InstanceIp));
        Assert.Equal(new PodIdentity("zt", "istio-system", ""), config.Instance.Self);
        ControlPlaneOptions plane = config.ControlPlane;
        Assert.Equal(("https://istiod:15010/", "http://[::1]:99/"), (plane.XdsAddress!.ToString(), plane.CaAddress!.ToString()));
        Assert.Equal((RootSource.System, RootSource.Inline), (plane.XdsRoots.Source, plane.CaRoots.Source));
        Assert.Equal(("x.test", "c.test", "secret"), (plane.AltXdsHostname, plane.AltCaHostname, plane.Token!.Literal));
        Assert.Equal(KeyValuePair.Create("x_tenant", "7"), Assert.Single(plane.XdsHeaders));
        Assert.Equal((true, TimeSpan.FromHours(1), "{}", "/crl"), (plane.OnDemand, plane.SecretTtl, plane.LocalConfigText, plane.CrlPath));
        Assert.Equal((false, true, (ushort)53, "pref"), (config.Dns.Enabled, config.Dns.OnLocalhost, config.Dns.Address.Port, config.Dns.PreferredServiceNamespace));
        Assert.Equal((false, (ushort?)15080, InetAddress.AnyV4), (config.Listen.IPv6, config.Listen.Socks5Port, config.Listen.Wildcard));
        Assert.True(config.Listen.Forbidden.Contains(15080));
        Assert.Equal((null, false, true), (config.Sockets.PacketMark, config.Sockets.RequiresOriginalSource, config.Sockets.UsesUserTimeout));
        Assert.Equal(TimeSpan.FromSeconds(25), config.Sockets.UserTimeout);
        Assert.False(config.Sockets.KeepAlive || config.InPod.PortReuse || config.InPod.LocalhostAppTunnel || config.Tunnel.UsesBaggage);
        Assert.Equal(("/sock", 7, TimeSpan.Zero), (config.InPod.SocketPath, config.Pool.MaxStreamsPerConnection, config.Pool.UnusedReleaseTimeout));
        Assert.Equal((65535, 65536, 16384, 9), (config.Tunnel.StreamWindow, config.Tunnel.ConnectionWindow, config.Tunnel.FrameSize, config.Tunnel.MaxConcurrentStreams));
        Assert.Equal(TimeSpan.FromSeconds(7), config.Drain.Deadline);
        Assert.Equal((0, false), (config.Endpoints.ConnectRetries, config.Endpoints.AvoidsFailed));
        Assert.True(config.Tls.AllowsTls12 && config.Tls.RequiresPostQuantum && config.Log.IsJson && config.Log.PolicyDecisionsAtInfo);
        Assert.Equal(("error", "1.27", 3), (config.Log.Filter, config.IstioVersion, config.Workers));
        Assert.Equal(
            [1, 2, 3, 4, 5, 6],
            new[] { config.Deadlines.Handshake, config.Deadlines.Connect, config.Deadlines.ConnectResponse, config.Deadlines.HalfClosed, config.Deadlines.Workload, config.Deadlines.MetricsGrace }
                .Select(deadline => (int)deadline.TotalSeconds));
    }

    [Theory]
    [InlineData("PROXY_MODE", "sidecar", "invalid env var PROXY_MODE=sidecar (PROXY_MODE must be one of dedicated, shared)")]
    [InlineData("PROXY_MODE", "dedicated", "invalid configuration: PROXY_MODE=dedicated requires PROXY_WORKLOAD_INFO to be set")]
    [InlineData("ENABLE_PROXY", "", "invalid env var ENABLE_PROXY= (must be true or false)")]
    [InlineData("ENABLE_PROXY", "True", "invalid env var ENABLE_PROXY=True (must be true or false)")]
    [InlineData("PACKET_MARK", "-1", "invalid env var PACKET_MARK=-1 (must be a whole number from 0 to 4294967295)")]
    [InlineData("PACKET_MARK", "", "invalid env var PACKET_MARK= (")]
    [InlineData("POOL_MAX_STREAMS_PER_CONNECTION", "65536", "invalid env var POOL_MAX_STREAMS_PER_CONNECTION=65536 (must be a whole number from 0 to 65535)")]
    [InlineData("POOL_MAX_STREAMS_PER_CONNECTION", "0", "invalid env var POOL_MAX_STREAMS_PER_CONNECTION=0 (must be positive)")]
    [InlineData("SECRET_TTL", "soon\nish", "invalid env var SECRET_TTL=soon\\nish (must be a duration")]
    [InlineData("SECRET_TTL", "0", "invalid env var SECRET_TTL=0 (must be positive")]
    [InlineData("HTTP2_FRAME_SIZE", "100", "invalid env var HTTP2_FRAME_SIZE=100 (must be from 16384 to 16777215)")]
    [InlineData("HTTP2_STREAM_WINDOW_SIZE", "0", "invalid env var HTTP2_STREAM_WINDOW_SIZE=0 (must be from 1 to")]
    [InlineData("HTTP2_STREAM_WINDOW_SIZE", "16777217", "invalid configuration: HTTP2_CONNECTION_WINDOW_SIZE=16777216 must not be smaller than HTTP2_STREAM_WINDOW_SIZE=16777217")]
    [InlineData("XDS_ADDRESS", "http://", "invalid uri: XDS_ADDRESS=http:// (")]
    [InlineData("XDS_ADDRESS", "tcp://x:1", "invalid uri: XDS_ADDRESS=tcp://x:1 (scheme tcp is neither https nor http)")]
    [InlineData("CA_ADDRESS", "", "invalid env var CA_ADDRESS= (must not be empty unless FAKE_CA=true)")]
    [InlineData("CA_ADDRESS", "a b", "invalid uri: CA_ADDRESS=a b (")]
    [InlineData("FAKE_CA", "true", "invalid env var FAKE_CA=true (the embedded CA is for tests only; set ZTUNNEL_ALLOW_FAKE_CA=true too")]
    [InlineData("XDS_HEADER_", "x", "failed to parse header key: XDS_HEADER_")]
    [InlineData("XDS_HEADER_a-bin", "x", "failed to parse header key: XDS_HEADER_a-bin")]
    [InlineData("CA_HEADER_a b", "x", "failed to parse header key: CA_HEADER_a b")]
    [InlineData("CA_HEADER_a", "sécret", "failed to parse header value: CA_HEADER_a (not visible ASCII)")]
    [InlineData("ISTIO_META_DNS_PROXY_ADDR", "here:53", "invalid configuration: failed to parse DNS_PROXY_ADDR: here:53 (must be localhost:PORT or IP:PORT)")]
    [InlineData("XDS_ON_DEMAND", "true", "invalid configuration: DNS proxy does not currently support on-demand mode")]
    [InlineData("PROXY_CONFIG", "a: [", "error parsing proxy config: failed parsing proxy config env: PROXY_CONFIG:2:1: ")]
    [InlineData("PROXY_CONFIG", "statsPort: 70000", "error parsing proxy config: failed parsing proxy config env: PROXY_CONFIG:1:12: statsPort: must be a whole number from 0 to 65535, not 70000")]
    [InlineData("ZTUNNEL_WORKER_THREADS", "many", "invalid env var ZTUNNEL_WORKER_THREADS=many (invalid number: many)")]
    [InlineData("ZTUNNEL_WORKER_THREADS", "x%", "invalid env var ZTUNNEL_WORKER_THREADS=x% (invalid percentage: x%)")]
    [InlineData("ZTUNNEL_WORKER_THREADS", "0%", "invalid env var ZTUNNEL_WORKER_THREADS=0% (percentage must be between 0 and 100)")]
    [InlineData("ZTUNNEL_RESOURCE_CPU_LIMIT", "-1", "invalid env var ZTUNNEL_RESOURCE_CPU_LIMIT=-1 (must be a positive CPU quantity)")]
    [InlineData("ZTUNNEL_RESOURCE_CPU_LIMIT", "NaN", "invalid env var ZTUNNEL_RESOURCE_CPU_LIMIT=NaN (must be a positive CPU quantity)")]
    [InlineData("ZTUNNEL_CPU_LIMIT", "0", "invalid env var ZTUNNEL_CPU_LIMIT=0 (must be positive)")]
    [InlineData("TERMINATION_GRACE_PERIOD_SECONDS", "x", "invalid env var TERMINATION_GRACE_PERIOD_SECONDS=x (")]
    public void From_BadValue_IsOneLineThatNamesIt(string name, string value, string expected) =>
        Assert.True(Refusal((name, value)).StartsWith(expected, StringComparison.Ordinal), Refusal((name, value)));

    [Fact]
    public void From_ContradictingVariables_IsRefused()
    {
        Assert.Equal(
            "invalid configuration: ztunnel run without any servers enabled",
            Refusal(("ENABLE_PROXY", "false"), ("ISTIO_META_DNS_CAPTURE", "false")));
        Assert.Equal(
            "invalid configuration: only one of LOCAL_XDS_PATH or LOCAL_XDS may be set",
            Refusal(("LOCAL_XDS_PATH", "/x"), ("LOCAL_XDS", "{}")));
        Assert.StartsWith(
            "invalid env var PROXY_WORKLOAD_INFO=a/b (PROXY_WORKLOAD_INFO must match the format 'namespace/name/service-account'",
            Refusal(("PROXY_MODE", "dedicated"), ("PROXY_WORKLOAD_INFO", "a/b")), StringComparison.Ordinal);
    }

    [Fact]
    public void ControlPlaneMark_OnlyInDedicatedMode_WhereCallsStartInThePod()
    {
        ProxyConfig dedicated = Read(
            ("PROXY_MODE", "dedicated"), ("PROXY_WORKLOAD_INFO", "ns/name/sa"), ("PACKET_MARK", "7"));

        Assert.Equal(7u, dedicated.ControlPlaneMark);
        Assert.Null(Read(("PROXY_MODE", "shared"), ("PACKET_MARK", "7")).ControlPlaneMark);
    }

    [Fact]
    public void From_FakeCaByName_NeedsNoCaAddress()
    {
        ProxyConfig config = Read(
            ("FAKE_CA", "true"), ("ZTUNNEL_ALLOW_FAKE_CA", "true"), ("CA_ADDRESS", ""), ("ZTUNNEL_FAKE_CA_DIR", "/ca"));

        Assert.True(config.ControlPlane.FakeCa);
        Assert.Null(config.ControlPlane.CaAddress);
        Assert.Equal("/ca", config.ControlPlane.FakeCaDirectory);
    }

    [Fact]
    public void From_ValueThatIsNotUtf8_CountsAsUnset() => Assert.True(Read(("ENABLE_PROXY", "\uFFFD")).EnableProxy);

    [Theory]
    [InlineData("30", 25)]
    [InlineData("11", 6)]
    [InlineData("10", 9)]
    [InlineData("2", 1)]
    [InlineData("1", 1)]
    [InlineData("0", 1)]
    public void From_GracePeriod_LeavesRoomBeforeTheKill(string seconds, int deadline) => Assert.Equal(
        TimeSpan.FromSeconds(deadline), Read(("TERMINATION_GRACE_PERIOD_SECONDS", seconds)).Drain.Deadline);

    [Theory]
    [InlineData("", 2)]
    [InlineData("ZTUNNEL_CPU_LIMIT=32", 8)]
    [InlineData("ZTUNNEL_CPU_LIMIT=33", 9)]
    [InlineData("ZTUNNEL_RESOURCE_CPU_LIMIT=3500m", 4)]
    [InlineData("ZTUNNEL_RESOURCE_CPU_LIMIT=0.5", 1)]
    [InlineData("ZTUNNEL_RESOURCE_CPU_LIMIT=1,ZTUNNEL_RESOURCE_CPU_REQUEST=3", 3)]
    [InlineData("ZTUNNEL_RESOURCE_CPU_REQUEST=5", 5)]
    [InlineData("ZTUNNEL_WORKER_THREADS=0", 8)]
    [InlineData("ZTUNNEL_WORKER_THREADS=5", 5)]
    [InlineData("ZTUNNEL_WORKER_THREADS=30%", 3)]
    [InlineData("ZTUNNEL_WORKER_THREADS=100%,ZTUNNEL_CPU_LIMIT=3", 3)]
    [InlineData("PROXY_CONFIG=concurrency: 6", 6)]
    [InlineData("PROXY_CONFIG=concurrency: 0", 8)]
    [InlineData("PROXY_CONFIG=concurrency: 6,ZTUNNEL_WORKER_THREADS=1", 1)]
    public void From_ThreadVariables_GiveTheWorkerCount(string variables, int workers)
    {
        (string, string)[] set = [.. variables.Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(variable => (variable.Split('=')[0], variable.Split('=')[1]))];

        Assert.Equal(workers, Read(set).Workers);
    }

    [Fact]
    public void From_MeshFileAndProxyConfig_AreMergedFieldByField()
    {
        string mesh = Path.GetTempFileName();
        File.WriteAllText(mesh, """
            rootNamespace: istio-system
            defaultConfig:
              discoveryAddress: mesh:15012
              statsPort: 15090
              unknownToUs: { a: 1 }
              proxyMetadata: { ISTIO_META_DNS_CAPTURE: "false", A: mesh, B: 1 }
            """);
        EnvironmentReader env = Of(
            ("PROXY_CONFIG", """{"discoveryAddress": "env:15012", "proxyAdminPort": 15100, "proxyMetadata": {"A": "env"}}"""),
            ("ISTIO_META_ISTIO_META_C", "3"), ("ISTIO_METAJSON_X", "{\"a\":1}"), ("ISTIO_METAJSON_BAD", "{"));

        ProxyConfig config = ProxyConfig.From(env, mesh, 8, "");

        File.Delete(mesh);
        Assert.Equal("https://env:15012/", config.ControlPlane.XdsAddress!.ToString());
        Assert.Equal("https://localhost:15012/", config.ControlPlane.CaAddress!.ToString());
        Assert.Equal((15100, 15090), (config.Listen.AdminPort, config.Listen.StatsPort));
        Assert.Equal(["A=env", "B=1", "C=3", "DNS_CAPTURE=false"], config.Metadata.Values.Select(entry => $"{entry.Key}={entry.Value}"));
        Assert.Equal(["X"], config.Metadata.JsonValues.Keys);
        Assert.Equal(["ISTIO_METAJSON_BAD"], config.Metadata.InvalidJson);
        Assert.False(config.Dns.Enabled);
    }

    [Fact]
    public void From_MeshFileBroken_IsNamed()
    {
        string mesh = Path.GetTempFileName();
        File.WriteAllText(mesh, "defaultConfig: 7");

        string message = Assert.Throws<ConfigException>(() => ProxyConfig.From(Of(), mesh, 8, "")).Message;

        File.WriteAllText(mesh, "");
        Assert.Equal(15020, ProxyConfig.From(Of(), mesh, 8, "").Listen.StatsPort);
        File.Delete(mesh);
        Assert.Equal(
            $"error parsing proxy config: failed parsing mesh config file {mesh}: {mesh}:1:16: defaultConfig: must be a map, not 7", message);
    }

    [Fact]
    public void From_FilesThatExist_AreFiles()
    {
        string path = Path.GetTempFileName();

        ProxyConfig config = Read(("CA_ROOT_CA", path), ("AUTH_TOKEN", path));

        File.Delete(path);
        Assert.Equal(new RootCertificates(RootSource.File, path), config.ControlPlane.CaRoots);
        Assert.Equal(new AuthToken(path, null), config.ControlPlane.Token);
        Assert.Equal(path, config.ControlPlane.Token!.ToString());
        Assert.Equal("(literal)", new AuthToken(null, "secret").ToString());
    }

    [Theory]
    [InlineData("SYSTEM", "PEM", true)]
    [InlineData("PEM", "SYSTEM", true)]
    [InlineData("PEM", "PEM", false)]
    public void UsesSystemTrust_SaysWhetherAServerIsCheckedAgainstIt(string xds, string ca, bool expected) =>
        Assert.Equal(expected, Read(("XDS_ROOT_CA", xds), ("CA_ROOT_CA", ca)).ControlPlane.UsesSystemTrust);

    [Fact]
    public void UsesSystemTrust_OfServersThatNobodyAsks_IsFalse() => Assert.False(
        Read(("XDS_ADDRESS", ""), ("XDS_ROOT_CA", "SYSTEM"), ("FAKE_CA", "true"), ("ZTUNNEL_ALLOW_FAKE_CA", "true"), ("CA_ROOT_CA", "SYSTEM"))
            .ControlPlane.UsesSystemTrust);

    [Fact]
    public void OfProcess_Read_KnowsThePath() => Assert.NotNull(EnvironmentReader.OfProcess().Text("PATH"));
}
