using System.Globalization;
using Google.Protobuf;
using Ztunnel.Lab;
using Ztunnel.Protos.Authorizations;
using Ztunnel.Protos.Workloads;
using PolicyAction = Ztunnel.Protos.Authorizations.Action;

namespace Ztunnel.Load.Scale;

/// <summary>
/// A mesh as large clusters have them, as resources: a service to every five workloads, every workload behind five
/// services, a thousand nodes.
/// </summary>
internal sealed class ScaleMesh(int workloads)
{
    private const int WorkloadsPerService = 5;
    private const int ServicesPerWorkload = 5;
    private const int Nodes = 1000;
    private const int Policies = 50;
    private const int Stride = 97; // between workloads that change one after the other; a prime
    private const uint PodNetwork = 0x0A80_0000; // 10.128.0.0
    private const uint ServiceNetwork = 0x0A40_0000; // 10.64.0.0

    private readonly int _services = Math.Max(1, workloads / WorkloadsPerService);

    public IEnumerable<MeshResource> Resources() => Enumerable.Range(0, _services)
        .Select(index => MeshResource.Of(ServiceAt(index)))
        .Concat(Enumerable.Range(0, workloads).Select(index => MeshResource.Of(WorkloadAt(index, WorkloadStatus.Healthy))));

    /// <summary>A change of an endpoint's health, by number: of each once before the first again.</summary>
    public MeshResource EndpointChange(int index) => MeshResource.Of(WorkloadAt(
        (int)((long)index * Stride % workloads),
        index / workloads % 2 == 0 ? WorkloadStatus.Unhealthy : WorkloadStatus.Healthy));

    /// <summary>A change of a policy's action, by number: of each of a few.</summary>
    public static MeshResource PolicyChange(int index) => MeshResource.Of(new Authorization
    {
        Name = Text($"policy-{index % Policies}"),
        Namespace = NamespaceOf(0),
        Scope = Scope.Namespace,
        Action = index / Policies % 2 == 0 ? PolicyAction.Deny : PolicyAction.Allow,
    });

    private Workload WorkloadAt(int index, WorkloadStatus status)
    {
        int group = index / WorkloadsPerService;
        Workload workload = new()
        {
            Uid = Text($"Kubernetes//Pod/{NamespaceOf(group)}/app-{group}-6f7c9d8b5d-{index:x5}"),
            Name = Text($"app-{group}-6f7c9d8b5d-{index:x5}"),
            Namespace = NamespaceOf(group),
            Addresses = { Address(PodNetwork, index) },
            TunnelProtocol = TunnelProtocol.Hbone,
            ServiceAccount = Text($"app-{group}"),
            Node = Text($"node-{index % Nodes}.example.internal"),
            CanonicalName = Text($"app-{group}"),
            CanonicalRevision = "v1",
            WorkloadType = WorkloadType.Pod,
            WorkloadName = Text($"app-{group}"),
            ClusterId = "Kubernetes",
            Status = status,
            Locality = new Locality { Region = "region-1", Zone = Text($"zone-{index % 3}") },
        };
        for (int nth = 0; nth < ServicesPerWorkload; nth++)
        {
            // Its own, and others of other groups: what shared services and aliases come to.
            int service = (group + (nth * (_services / ServicesPerWorkload))) % _services;
            workload.Services[Key(service)] = new PortList { Ports = { new Port { ServicePort = 80, TargetPort = 8080 } } };
        }

        return workload;
    }

    private static Service ServiceAt(int index) => new()
    {
        Name = Text($"app-{index}"),
        Namespace = NamespaceOf(index),
        Hostname = HostnameOf(index),
        Addresses = { new NetworkAddress { Address = Address(ServiceNetwork, index) } },
        Ports = { new Port { ServicePort = 80, TargetPort = 8080 } },
        Canonical = true,
    };

    private static string Key(int service) => $"{NamespaceOf(service)}/{HostnameOf(service)}";

    private static string HostnameOf(int service) => Text($"app-{service}.{NamespaceOf(service)}.svc.cluster.local");

    private static string NamespaceOf(int group) => Text($"team-{group % 200}");

    private static ByteString Address(uint network, int index)
    {
        Span<byte> bytes = stackalloc byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes, network + (uint)index);
        return ByteString.CopyFrom(bytes);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
