using Ztunnel.Identity;
using Ztunnel.State;
using static Ztunnel.Tests.State.TestMesh;

namespace Ztunnel.Tests.State;

public sealed class EndpointTests
{
    // One endpoint object for both services; what one may present, the other may not.
    [Fact]
    public void ExpectedIdentities_ServicesOnTheSamePorts_EachHasItsOwn()
    {
        PortMap ports = Ports((80, 8080));
        Workload workload = new()
        {
            Uid = "w",
            Namespace = "shop",
            ServiceAccount = "cart",
            TrustDomain = "td",
            Services = [new WorkloadService(Name("a/x"), ports), new WorkloadService(Name("a/y"), ports)],
        };
        Service x = Named("x", "spiffe://td/ns/a/sa/x");
        Service y = Named("y", "spiffe://td/ns/a/sa/y");
        MeshSnapshot mesh = Snapshot(workload, x, y);
        Endpoint ofX = mesh.Services.EndpointsOf(x.Key).Find("w")!;
        Endpoint ofY = mesh.Services.EndpointsOf(y.Key).Find("w")!;

        SpiffeId[] first = ofX.ExpectedIdentities(x, workload);
        SpiffeId[] second = ofY.ExpectedIdentities(y, workload);
        Service changed = Named("x", "spiffe://td/ns/a/sa/z");

        Assert.Same(ofX, ofY);
        Assert.Equal(["spiffe://td/ns/a/sa/x", "spiffe://td/ns/shop/sa/cart"], first.Select(static id => id.ToString()));
        Assert.Equal(["spiffe://td/ns/a/sa/y", "spiffe://td/ns/shop/sa/cart"], second.Select(static id => id.ToString()));
        Assert.Same(first, ofX.ExpectedIdentities(x, workload)); // the tunnel pool compares them
        Assert.Same(second, ofY.ExpectedIdentities(y, workload));
        Assert.Equal("spiffe://td/ns/a/sa/z", ofX.ExpectedIdentities(changed, workload)[0].ToString());
        Assert.Same(second, ofY.ExpectedIdentities(y, workload));
    }

    [Fact]
    public void ExpectedIdentities_ServiceWithoutNames_AreTheWorkloadsOwn()
    {
        Workload workload = new() { Uid = "w", TrustDomain = "td" };

        Assert.Same(
            workload.ExpectedIdentities, new Endpoint(workload, PortMap.Empty).ExpectedIdentities(Named("x"), workload));
    }

    [Fact]
    public void EndpointsOf_ServicesOnOtherPorts_AreTwo()
    {
        Workload workload = new()
        {
            Uid = "w",
            Services = [Serves("a/x", (80, 8080)), Serves("a/y", (80, 9090))],
        };
        MeshSnapshot mesh = Snapshot(workload);

        Assert.Equal([8080, 9090], new[] { "a/x", "a/y" }.Select(service =>
            (int)mesh.Services.EndpointsOf(Name(service)).Find("w")!.Ports.Mappings[0].TargetPort));
    }

    private static Service Named(string name, params string[] identities) => new()
    {
        Name = name,
        Namespace = "a",
        Hostname = name,
        SubjectAltNames = identities,
    };
}
