using System.Collections.Concurrent;
using Ztunnel.Linux;
using Ztunnel.State;
using static Ztunnel.Tests.State.TestMesh;

namespace Ztunnel.Tests.Proxy.Outbound;

// The mesh, and what may happen to it.
internal sealed partial class OutboundLab
{
    /// <summary>The service's endpoints are one pod of another network, behind this gateway.</summary>
    /// <param name="sans">Of the service.</param>
    public void MoveAway(params string[] sans) => _mesh.Apply(new MeshUpdate()
        .RemoveWorkload("uid-first")
        .RemoveWorkload("uid-second")
        .Set(Pod("client", "127.0.0.1", isHbone: true, capacity: 1, "near"))
        .Set(Pod("gateway", "127.0.0.2", isHbone: true, capacity: 1, "far"))
        .Set(Pod("remote", "10.1.1.1", isHbone: true, capacity: 1, "far", Gateway("far/127.0.0.2", Port)))
        .Set(new Service
        {
            Name = "web",
            Namespace = "shop",
            Hostname = "web.svc",
            Vips = [Address("near/10.96.0.1")],
            Ports = Ports((80, 8080)),
            SubjectAltNames = [.. sans.Select(static name => $"spiffe://cluster.local/ns/shop/sa/{name}")],
        }));

    /// <summary>The service is known only when somebody has asked for it.</summary>
    /// <returns>What was asked for.</returns>
    public ConcurrentQueue<string> LearnOnDemand()
    {
        ConcurrentQueue<string> asked = new();
        _mesh.Apply(new MeshUpdate().RemoveService(Web().Key));
        _mesh.Fetch = async (name, _) =>
        {
            await Task.Yield(); // as from the control plane: on another thread, later
            asked.Enqueue(name);
            _mesh.Apply(new MeshUpdate().Set(Web()));
            return true;
        };
        return asked;
    }

    /// <summary>Nobody says what is unknown.</summary>
    public void LearnNothing()
    {
        _mesh.Apply(new MeshUpdate().RemoveService(Web().Key));
        _mesh.Fetch = static async (_, _) =>
        {
            await Task.Yield();
            return false;
        };
    }

    /// <summary>That endpoint has no proxy any more.</summary>
    public void MakePlain(string workload) => _mesh.Apply(new MeshUpdate().Set(
        Pod(workload, workload == "first" ? "127.0.0.2" : "127.0.0.3", isHbone: false, capacity: 1)));

    public void Remove(string workload) => _mesh.Apply(new MeshUpdate().RemoveWorkload($"uid-{workload}"));

    /// <summary>
    /// The called service and the pod as one of its endpoints, under a policy of its own that lets nobody in.
    /// </summary>
    public MeshUpdate ForbiddenService() => new MeshUpdate()
        .Set(new Workload
        {
            Uid = "uid-client",
            Name = "client",
            Namespace = "shop",
            ServiceAccount = "client",
            TrustDomain = "cluster.local",
            Addresses = [s_loopback],
            Protocol = TunnelProtocol.Hbone,
            Services = [Serves("shop/own.svc", (80, 8080))],
            AuthorizationPolicies = ["shop/nobody"],
        })
        .Set(new Service
        {
            Name = "own",
            Namespace = "shop",
            Hostname = "own.svc",
            Vips = [Address("/10.96.0.2")],
            Ports = Ports((80, 8080)),
        })
        .Set(new Authorization
        {
            Name = "nobody",
            Namespace = "shop",
            Scope = PolicyScope.WorkloadSelector,
            Action = PolicyAction.Allow,
        });

    private Service Web() => new()
    {
        Name = "web",
        Namespace = "shop",
        Hostname = "web.svc",
        Vips = [Address("/10.96.0.1")],
        Ports = Ports((80, Port)),
    };

    private Workload Pod(
        string name, string ip, bool isHbone, uint capacity, string network = "", GatewayAddress? gateway = null) => new()
        {
            Uid = $"uid-{name}",
            Name = name,
            Namespace = "shop",
            ServiceAccount = name,
            TrustDomain = "cluster.local",
            Addresses = [Ip(ip)],
            Protocol = isHbone ? TunnelProtocol.Hbone : TunnelProtocol.Tcp,
            Capacity = capacity,
            WorkloadName = name,
            CanonicalName = name,
            Network = network,
            NetworkGateway = gateway,
            Services = name is "client" or "gateway" ? [] : [Serves("shop/web.svc", (80, Port))],
        };
}
