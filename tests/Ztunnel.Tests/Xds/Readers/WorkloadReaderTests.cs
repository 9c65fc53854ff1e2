using Google.Protobuf;
using Ztunnel.Linux;
using Ztunnel.State;
using Ztunnel.Xds;
using Ztunnel.Xds.Readers;
using Wire = Ztunnel.Protos.Workloads;

namespace Ztunnel.Tests.Xds.Readers;

public sealed class WorkloadReaderTests
{
    private readonly WorkloadReader _reader = new(new SharedValues());

    [Fact]
    public void Read_Nothing_HasTheDefaultsOfAbsentFields()
    {
        Workload workload = Read(new Wire.Workload());

        Assert.Equal("", workload.Uid);
        Assert.Equal("cluster.local", workload.TrustDomain);
        Assert.Equal("default", workload.ServiceAccount);
        Assert.Equal("Kubernetes", workload.ClusterId);
        Assert.Equal("deployment", workload.WorkloadType);
        Assert.Equal(1u, workload.Capacity);
        Assert.Equal(TunnelProtocol.Tcp, workload.Protocol);
        Assert.Equal(NetworkMode.Standard, workload.NetworkMode);
        Assert.Equal(HealthStatus.Healthy, workload.Status);
        Assert.Same(Locality.None, workload.Locality);
        Assert.Null(workload.Waypoint);
        Assert.Null(workload.NetworkGateway);
        Assert.Null(workload.ApplicationTunnel);
        Assert.False(workload.NativeTunnel);
        Assert.Empty(workload.Addresses);
        Assert.Empty(workload.Services);
        Assert.Empty(workload.AuthorizationPolicies);
        Assert.All(
            [workload.Name, workload.Namespace, workload.Network, workload.Node, workload.CanonicalName,
                workload.CanonicalRevision, workload.WorkloadName, workload.Hostname],
            Assert.Empty);
    }

    [Fact]
    public void Read_Everything_IsAllThere()
    {
        Workload workload = Read(WireMesh.FullWorkload());

        Assert.Equal("c1//Pod/shop/cart-0", workload.Uid);
        Assert.Equal("cart-0", workload.Name);
        Assert.Equal("shop", workload.Namespace);
        Assert.Equal([InetAddress.Parse("10.0.0.7"), InetAddress.Parse("fd00::7")], workload.Addresses);
        Assert.Equal("net1", workload.Network);
        Assert.Equal(TunnelProtocol.Hbone, workload.Protocol);
        Assert.Equal("example.org", workload.TrustDomain);
        Assert.Equal("cart", workload.ServiceAccount);
        Assert.Equal("net1/10.0.0.9", workload.Waypoint!.Destination);
        Assert.Equal(15008, workload.Waypoint.HbonePort);
        Assert.Equal("node-a", workload.Node);
        Assert.Equal("cart", workload.CanonicalName);
        Assert.Equal("v2", workload.CanonicalRevision);
        Assert.Equal("pod", workload.WorkloadType);
        Assert.Equal("cart-deployment", workload.WorkloadName);
        Assert.True(workload.NativeTunnel);
        Assert.Equal(["shop/one", "shop/two"], workload.AuthorizationPolicies);
        Assert.Equal(HealthStatus.Unhealthy, workload.Status);
        Assert.Equal("c1", workload.ClusterId);
        Assert.Equal("gateways/east.example.org", workload.NetworkGateway!.Destination);
        Assert.Equal(15010, workload.NetworkGateway.HbonePort);
        Assert.Equal("cart.example.org", workload.Hostname);
        WorkloadService served = Assert.Single(workload.Services);
        Assert.Equal("shop/cart.shop.svc.cluster.local", served.Name.ToString());
        Assert.Equal([new PortMapping(80, 8080), new PortMapping(443, 0)], served.Ports.Mappings.ToArray());
        Assert.Equal(new ApplicationTunnel(ApplicationTunnelProtocol.Proxy, 15088), workload.ApplicationTunnel);
        Assert.Equal(new Locality("eu", "eu-1", "eu-1-a"), workload.Locality);
        Assert.Equal(NetworkMode.HostNetwork, workload.NetworkMode);
        Assert.Equal(0u, workload.Capacity);
    }

    [Theory]
    [InlineData(Wire.WorkloadType.Deployment, "deployment")]
    [InlineData(Wire.WorkloadType.Cronjob, "cronjob")]
    [InlineData(Wire.WorkloadType.Pod, "pod")]
    [InlineData(Wire.WorkloadType.Job, "job")]
    [InlineData((Wire.WorkloadType)99, "deployment")]
    public void Read_WorkloadType_IsItsNameOrDeployment(Wire.WorkloadType type, string name) =>
        Assert.Equal(name, Read(new Wire.Workload { WorkloadType = type }).WorkloadType);

    [Fact]
    public void Read_ApplicationTunnelWithoutPort_LeavesThePortOpen()
    {
        Workload workload = Read(new Wire.Workload { ApplicationTunnel = new Wire.ApplicationTunnel() });

        Assert.Equal(new ApplicationTunnel(ApplicationTunnelProtocol.None, null), workload.ApplicationTunnel);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(15)]
    [InlineData(17)]
    public void Read_AddressOfOddLength_IsRejected(int length) => Rejects(
        $"failed to parse address, had {length} bytes",
        new Wire.Workload { Addresses = { ByteString.CopyFrom(new byte[length]) } });

    [Fact]
    public void Read_LegacyTunnel_IsRejected() => Rejects(
        "unknown enum: unsupported tunnel protocol: legacy istio mtls",
        new Wire.Workload { TunnelProtocol = Wire.TunnelProtocol.LegacyIstioMtls });

    public static TheoryData<Wire.Workload> UnknownEnums =>
    [
        new Wire.Workload { TunnelProtocol = (Wire.TunnelProtocol)77 },
        new Wire.Workload { Status = (Wire.WorkloadStatus)77 },
        new Wire.Workload { NetworkMode = (Wire.NetworkMode)77 },
        new Wire.Workload
        {
            ApplicationTunnel = new() { Protocol = (Wire.ApplicationTunnel.Types.Protocol)77 },
        },
    ];

    [Theory, MemberData(nameof(UnknownEnums))]
    public void Read_EnumOutOfRange_IsRejected(Wire.Workload message) =>
        Rejects("decode error: unknown enumeration value 77", message);

    [Fact]
    public void Read_ServiceKeyWithoutSlash_IsRejected() => Rejects(
        "failed to parse namespaced hostname: cart", new Wire.Workload { Services = { ["cart"] = new() } });

    public static TheoryData<Wire.Workload> WidePorts =>
    [
        new Wire.Workload { ApplicationTunnel = new() { Port = 65_536 } },
        new Wire.Workload { Services = { ["a/b"] = new() { Ports = { new Wire.Port { ServicePort = 65_536 } } } } },
        new Wire.Workload { Services = { ["a/b"] = new() { Ports = { new Wire.Port { TargetPort = 65_536 } } } } },
        new Wire.Workload { Waypoint = WireMesh.Gateway("a", "b", 65_536) },
        new Wire.Workload { NetworkGateway = WireMesh.Gateway("a", "b", 65_536) },
    ];

    [Theory, MemberData(nameof(WidePorts))]
    public void Read_PortAboveSixteenBits_IsRejected(Wire.Workload message) => Rejects("invalid port: 65536", message);

    [Fact]
    public void Read_WaypointWithoutDestination_IsRejected() => Rejects(
        "nonempty gateway address is missing address",
        new Wire.Workload { Waypoint = new Wire.GatewayAddress { HboneMtlsPort = 15008 } });

    [Fact]
    public void Read_WaypointWithBadAddress_IsRejected() => Rejects(
        "failed to parse address, had 0 bytes",
        new Wire.Workload { Waypoint = new Wire.GatewayAddress { Address = new Wire.NetworkAddress() } });

    [Fact]
    public void Read_TwoWorkloadsThatSayTheSame_ShareIt()
    {
        byte[] bytes = WireMesh.FullWorkload().ToByteArray();

        Workload one = Read(Wire.Workload.Parser.ParseFrom(bytes));
        Workload other = Read(Wire.Workload.Parser.ParseFrom(bytes));

        Assert.Same(one.Namespace, other.Namespace);
        Assert.Same(one.Node, other.Node);
        Assert.Same(one.ServiceAccount, other.ServiceAccount);
        Assert.Same(one.TrustDomain, other.TrustDomain);
        Assert.Same(one.Locality, other.Locality);
        Assert.Same(one.Waypoint, other.Waypoint);
        Assert.Same(one.Services[0], other.Services[0]);
        Assert.Same(one.AuthorizationPolicies[0], other.AuthorizationPolicies[0]);
    }

    [Fact]
    public void Read_SameAsKnown_TakesAllFromIt()
    {
        Workload known = Read(WireMesh.FullWorkload());
        Wire.Workload message = WireMesh.FullWorkload();
        message.Status = Wire.WorkloadStatus.Healthy;

        Workload workload = new WorkloadReader(new SharedValues()).Read(message.ToByteArray(), _ => known);

        Assert.NotSame(known, workload);
        Assert.Equal(HealthStatus.Healthy, workload.Status);
        Assert.Same(known.Uid, workload.Uid);
        Assert.Same(known.Name, workload.Name);
        Assert.Same(known.Node, workload.Node);
        Assert.Same(known.Addresses, workload.Addresses);
        Assert.Same(known.AuthorizationPolicies, workload.AuthorizationPolicies);
        Assert.Same(known.Locality, workload.Locality);
        Assert.Same(known.Services, workload.Services);
    }

    // Whatever was known: what is read is what the message says.
    [Fact]
    public void Read_AnyChangeOfWhatIsKnown_IsWhatTheMessageSays()
    {
        Random random = new(20261126);
        for (int round = 0; round < 5_000; round++)
        {
            Wire.Workload message = WireMesh.AnyWorkload(random);

            Workload known = Read(WireMesh.AnyWorkload(random));

            Workload workload = _reader.Read(message.ToByteArray(), uid => uid == known.Uid ? known : null);

            string expected = MeshText.Of(new WorkloadReader(new SharedValues()).Read(message.ToByteArray(), static _ => null));
            Assert.Equal(expected, MeshText.Of(workload));
        }
    }

    [Fact]
    public void Read_ServiceSaidTwice_HasTheLastPorts()
    {
        Workload workload = Read(
        [
            .. Serving("shop/cart", 80), .. Serving("shop/till", 80), .. Serving("shop/cart", 8080),
        ]);

        Assert.Equal(["shop/cart", "shop/till"], workload.Services.Select(static served => served.Name.ToString()));
        Assert.Equal([new PortMapping(8080, 0)], workload.Services[0].Ports.Mappings.ToArray());
    }

    [Fact]
    public void Read_ManyServicesOneOfThemTwice_HasItOnce()
    {
        IEnumerable<byte[]> fields = Enumerable.Range(0, 40).Select(static nth => Serving($"shop/{nth % 39}", 80));

        Assert.Equal(39, Read([.. fields.SelectMany(static field => field)]).Services.Length);
    }

    private static byte[] Serving(string service, uint port) => new Wire.Workload
    {
        Services = { [service] = new Wire.PortList { Ports = { new Wire.Port { ServicePort = port } } } },
    }.ToByteArray();

    private Workload Read(Wire.Workload message) => Read(message.ToByteArray());

    private Workload Read(byte[] message) => _reader.Read(message, static _ => null);

    private void Rejects(string reason, Wire.Workload message) =>
        Assert.Equal(reason, Assert.Throws<RejectedResourceException>(() => Read(message)).Message);
}
