using System.Text;
using System.Text.Json;
using Ztunnel.Config;
using static Ztunnel.Tests.Config.Env;

namespace Ztunnel.Tests.Config;

public sealed class ConfigDumpTests
{
    private static readonly ProxyConfig s_config = Read(
        ("POD_NAME", "zt"), ("POD_NAMESPACE", "istio-system"), ("SERVICE_ACCOUNT", "ztunnel"), ("XDS_HEADER_TENANT", "secret"),
        ("ISTIO_META_ISTIO_VERSION", "1.27.0"), ("CA_ROOT_CA", "SYSTEM"), ("POOL_UNUSED_RELEASE_TIMEOUT", "1500ms"),
        ("ISTIO_META_ODD", "a: 'b'\n"), ("ISTIO_META_NUMBER", "15"), ("NODE_NAME", "true"));

    [Fact]
    public void WriteJson_Defaults_HasTheReferencesKeysInOrder()
    {
        using JsonDocument dump = JsonDocument.Parse(Json(s_config));
        string[] keys = [.. dump.RootElement.EnumerateObject().Select(field => field.Name)];

        Assert.Equal(keys.Order(StringComparer.Ordinal), keys);
        Assert.Equal(
            [
                "adminAddr", "altCaHostname", "altXdsHostname", "caAddress", "caHeaders", "caRootCert", "clusterDomain", "clusterId",
                "connectionWindowSize", "crlPath", "dnsProxy", "dnsProxyAddr", "dnsResolverCfg", "dnsResolverOpts",
                "enableEnhancedBaggage", "fakeCa", "fakeSelfInbound", "frameSize", "illegalPorts", "inboundAddr", "inboundPlaintextAddr",
                "inpodPortReuse", "inpodUds", "ipv6Enabled", "localNode", "localhostAppTunnel", "network", "numWorkerThreads",
                "outboundAddr", "packetMark", "poolMaxStreamsPerConn", "poolUnusedReleaseTimeout", "preferedServiceNamespace", "proxy",
                "proxyArgs", "proxyMetadata", "proxyMode", "proxyWorkloadInformation", "readinessAddr", "requireOriginalSource",
                "secretTtl", "selfTerminationDeadline", "socketConfig", "socks5Addr", "statsAddr", "windowSize", "xdsAddress",
                "xdsHeaders", "xdsOnDemand", "xdsRootCert", "ztunnelIdentity", "ztunnelWorkload",
            ],
            keys);
    }

    [Fact]
    public void WriteJson_Values_HaveTheReferencesForms()
    {
        string json = Json(s_config);

        Assert.Contains("\"adminAddr\":{\"Localhost\":[true,15000]}", json, StringComparison.Ordinal);
        Assert.Contains("\"statsAddr\":{\"SocketAddr\":\"[::]:15020\"}", json, StringComparison.Ordinal);
        Assert.Contains("\"poolUnusedReleaseTimeout\":{\"nanos\":500000000,\"secs\":1}", json, StringComparison.Ordinal);
        Assert.Contains("\"ztunnelIdentity\":\"spiffe://cluster.local/ns/istio-system/sa/ztunnel\"", json, StringComparison.Ordinal);
        Assert.Contains("\"caRootCert\":\"Default\"", json, StringComparison.Ordinal);
        Assert.Contains("\"xdsRootCert\":\"Static\"", json, StringComparison.Ordinal);
        Assert.Contains("\"caAddress\":\"https://localhost:15012\"", json, StringComparison.Ordinal);
        Assert.Contains("\"xdsHeaders\":[[\"tenant\",\"***\"]]", json, StringComparison.Ordinal);
        Assert.DoesNotContain("secret\"", json, StringComparison.Ordinal);
    }

    [Fact]
    public void ToYaml_Banner_ReadsLikeTheReferences()
    {
        string yaml = ConfigDump.ToYaml(s_config);

        Assert.StartsWith("proxy: true\ndnsProxy: true\nwindowSize: 4194304\n", yaml, StringComparison.Ordinal);
        Assert.Contains("\nsocks5Addr: null\nadminAddr: !Localhost\n- true\n- 15000\nstatsAddr: !SocketAddr '[::]:15020'\n", yaml, StringComparison.Ordinal);
        Assert.Contains("\ninboundAddr: '[::]:15008'\n", yaml, StringComparison.Ordinal);
        Assert.Contains("\nnetwork: ''\n", yaml, StringComparison.Ordinal);
        Assert.Contains("\nlocalNode: 'true'\n", yaml, StringComparison.Ordinal);
        Assert.Contains("\ncaAddress: https://localhost:15012\n", yaml, StringComparison.Ordinal);
        Assert.Contains("\nproxyMetadata:\n  ISTIO_VERSION: 1.27.0\n  NUMBER: '15'\n  ODD: \"a: 'b'\\n\"\n", yaml, StringComparison.Ordinal);
        Assert.Contains("\nxdsHeaders:\n-\n  - tenant\n  - '***'\ncaHeaders: []\n", yaml, StringComparison.Ordinal);
        Assert.EndsWith("enableEnhancedBaggage: true\n", yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void ToYaml_ReadAgain_IsTheSameDocument()
    {
        YamlMap map = YamlValue.Parse(ConfigDump.ToYaml(s_config), "test")!.AsMap();

        Assert.Equal("a: 'b'\n", map.Required("proxyMetadata").AsMap().Text("ODD"));
        Assert.Equal("Localhost", map.Required("adminAddr").Tag);
        Assert.Equal("ztunnel", map.Required("ztunnelWorkload").AsMap().Text("serviceAccount"));
    }

    private static string Json(ProxyConfig config)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            ConfigDump.WriteJson(json, config);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
