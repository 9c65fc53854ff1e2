using Google.Protobuf;
using Google.Protobuf.Collections;
using Ztunnel.Linux;
using Ztunnel.State;
using Wire = Ztunnel.Protos.Workloads;

namespace Ztunnel.Xds.Readers;

/// <summary>A workload off the wire, with the defaults that an absent field stands for.</summary>
internal sealed class WorkloadReader(SharedValues shared)
{
    private const string DefaultTrustDomain = "cluster.local";
    private const string DefaultServiceAccount = "default";
    private const string DefaultCluster = "Kubernetes";

    /// <exception cref="RejectedResourceException">With the field's trouble.</exception>
    public Workload Read(Wire.Workload message) => new()
    {
        Uid = message.Uid,
        Name = message.Name,
        Namespace = shared.Text(message.Namespace),
        Addresses = Addresses(message.Addresses),
        Network = shared.Text(message.Network),
        Protocol = Protocol(message.TunnelProtocol),
        NetworkMode = Mode(message.NetworkMode),
        TrustDomain = TextOr(message.TrustDomain, DefaultTrustDomain),
        ServiceAccount = TextOr(message.ServiceAccount, DefaultServiceAccount),
        Waypoint = MeshValues.OptionalGateway(message.Waypoint, shared),
        NetworkGateway = MeshValues.OptionalGateway(message.NetworkGateway, shared),
        Node = shared.Text(message.Node),
        CanonicalName = shared.Text(message.CanonicalName),
        CanonicalRevision = shared.Text(message.CanonicalRevision),
        WorkloadType = TypeName(message.WorkloadType),
        WorkloadName = shared.Text(message.WorkloadName),
        NativeTunnel = message.NativeTunnel,
        ApplicationTunnel = Tunnel(message.ApplicationTunnel),
        AuthorizationPolicies = shared.Texts(message.AuthorizationPolicies),
        Status = Status(message.Status),
        ClusterId = TextOr(message.ClusterId, DefaultCluster),
        Hostname = shared.Text(message.Hostname),
        Locality = shared.Locality(message.Locality),
        Capacity = message.Capacity ?? 1,
        Services = Services(message.Services),
    };

    private static InetAddress[] Addresses(RepeatedField<ByteString> fields)
    {
        if (fields.Count == 0)
        {
            return [];
        }

        InetAddress[] addresses = new InetAddress[fields.Count];
        for (int at = 0; at < addresses.Length; at++)
        {
            addresses[at] = MeshValues.Address(fields[at]);
        }

        return addresses;
    }

    private WorkloadService[] Services(MapField<string, Wire.PortList> fields)
    {
        if (fields.Count == 0)
        {
            return [];
        }

        WorkloadService[] services = new WorkloadService[fields.Count];
        int at = 0;
        foreach ((string key, Wire.PortList ports) in fields)
        {
            services[at++] = shared.Service(key, ports);
        }

        return services;
    }

    private string TextOr(string text, string absent) => text.Length == 0 ? absent : shared.Text(text);

    private static TunnelProtocol Protocol(Wire.TunnelProtocol protocol) => protocol switch
    {
        Wire.TunnelProtocol.None => TunnelProtocol.Tcp,
        Wire.TunnelProtocol.Hbone => TunnelProtocol.Hbone,
        Wire.TunnelProtocol.LegacyIstioMtls => throw new RejectedResourceException(
            "unknown enum: unsupported tunnel protocol: legacy istio mtls"),
        _ => throw MeshValues.UnknownValue(protocol),
    };

    private static NetworkMode Mode(Wire.NetworkMode mode) => mode switch
    {
        Wire.NetworkMode.Standard => NetworkMode.Standard,
        Wire.NetworkMode.HostNetwork => NetworkMode.HostNetwork,
        _ => throw MeshValues.UnknownValue(mode),
    };

    private static HealthStatus Status(Wire.WorkloadStatus status) => status switch
    {
        Wire.WorkloadStatus.Healthy => HealthStatus.Healthy,
        Wire.WorkloadStatus.Unhealthy => HealthStatus.Unhealthy,
        _ => throw MeshValues.UnknownValue(status),
    };

    // A label of telemetry and no more: a type of tomorrow does not cost the workload.
    private static string TypeName(Wire.WorkloadType type) => type switch
    {
        Wire.WorkloadType.Cronjob => "cronjob",
        Wire.WorkloadType.Pod => "pod",
        Wire.WorkloadType.Job => "job",
        _ => "deployment",
    };

    private static ApplicationTunnel? Tunnel(Wire.ApplicationTunnel? tunnel)
    {
        if (tunnel is null)
        {
            return null;
        }

        ushort port = MeshValues.Port(tunnel.Port);
        return new ApplicationTunnel(
            tunnel.Protocol switch
            {
                Wire.ApplicationTunnel.Types.Protocol.None => ApplicationTunnelProtocol.None,
                Wire.ApplicationTunnel.Types.Protocol.Proxy => ApplicationTunnelProtocol.Proxy,
                _ => throw MeshValues.UnknownValue(tunnel.Protocol),
            },
            port == 0 ? null : port);
    }
}
