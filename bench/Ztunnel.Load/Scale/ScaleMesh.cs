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
    private readonly bool[] _isUnhealthy = new bool[workloads];
    private readonly int[] _successions = new int[workloads]; // how many pods stood in the place before
    private int _endpoints; // changes of each kind so far
    private int _pods;
    private int _policies;

    public IEnumerable<MeshResource> Resources() => Enumerable.Range(0, _services)
        .Select(index => MeshResource.Of(ServiceAt(index)))
        .Concat(Enumerable.Range(0, workloads).Select(WorkloadAt));

    /// <summary>The next endpoint's health changes: of each once before the first again.</summary>
    public ScaleChange ChangeEndpoint() => ChangeHealth(PlaceOf(_endpoints++));

    /// <summary>The same endpoint's every time: in caches of any size.</summary>
    public ScaleChange ChangeSameEndpoint() => ChangeHealth(0);

    /// <summary>
    /// The next pod gives way to a successor: in every place once before the first again, and in other places than those
    /// where an endpoint has just changed.
    /// </summary>
    public ScaleChange ChangePod()
    {
        int place = PlaceOf(_pods++ + (workloads / 2));
        MeshResource gone = WorkloadAt(place);
        _successions[place]++;
        return new ScaleChange(WorkloadAt(place), gone);
    }

    /// <summary>The next policy's action changes: of each of a few.</summary>
    public ScaleChange ChangePolicy()
    {
        int number = _policies++;
        return new ScaleChange(MeshResource.Of(new Authorization
        {
            Name = Text($"policy-{number % Policies}"),
            Namespace = NamespaceOf(0),
            Scope = Scope.Namespace,
            Action = number / Policies % 2 == 0 ? PolicyAction.Deny : PolicyAction.Allow,
        }));
    }

    private ScaleChange ChangeHealth(int place)
    {
        _isUnhealthy[place] = !_isUnhealthy[place];
        return new ScaleChange(WorkloadAt(place));
    }

    private int PlaceOf(int index) => (int)((long)index * Stride % workloads);

    private MeshResource WorkloadAt(int place)
    {
        int group = place / WorkloadsPerService;
        int pod = place + (_successions[place] * workloads);
        Workload workload = new()
        {
            Uid = Text($"Kubernetes//Pod/{NamespaceOf(group)}/app-{group}-6f7c9d8b5d-{pod:x5}"),
            Name = Text($"app-{group}-6f7c9d8b5d-{pod:x5}"),
            Namespace = NamespaceOf(group),
            Addresses = { Address(PodNetwork, pod) },
            TunnelProtocol = TunnelProtocol.Hbone,
            ServiceAccount = Text($"app-{group}"),
            Node = Text($"node-{place % Nodes}.example.internal"),
            CanonicalName = Text($"app-{group}"),
            CanonicalRevision = "v1",
            WorkloadType = WorkloadType.Pod,
            WorkloadName = Text($"app-{group}"),
            ClusterId = "Kubernetes",
            Status = _isUnhealthy[place] ? WorkloadStatus.Unhealthy : WorkloadStatus.Healthy,
            Locality = new Locality { Region = "region-1", Zone = Text($"zone-{place % 3}") },
        };
        for (int nth = 0; nth < ServicesPerWorkload; nth++)
        {
            // Its own, and others of other groups: what shared services and aliases come to.
            int service = (group + (nth * (_services / ServicesPerWorkload))) % _services;
            workload.Services[Key(service)] = new PortList { Ports = { new Port { ServicePort = 80, TargetPort = 8080 } } };
        }

        return MeshResource.Of(workload);
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
