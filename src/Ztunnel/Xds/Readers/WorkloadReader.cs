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

    /// <param name="known">The same workload as it was until now, if it was: what has not changed is taken from it.</param>
    /// <exception cref="RejectedResourceException">With the field's trouble.</exception>
    public Workload Read(Wire.Workload message, Workload? known) => new()
    {
        Uid = Own(message.Uid, known?.Uid),
        Name = Own(message.Name, known?.Name),
        Namespace = shared.Text(message.Namespace, known?.Namespace),
        Addresses = Addresses(message.Addresses, known?.Addresses),
        Network = shared.Text(message.Network, known?.Network),
        Protocol = Protocol(message.TunnelProtocol),
        NetworkMode = Mode(message.NetworkMode),
        TrustDomain = TextOr(message.TrustDomain, DefaultTrustDomain, known?.TrustDomain),
        ServiceAccount = TextOr(message.ServiceAccount, DefaultServiceAccount, known?.ServiceAccount),
        Waypoint = MeshValues.OptionalGateway(message.Waypoint, shared),
        NetworkGateway = MeshValues.OptionalGateway(message.NetworkGateway, shared),
        Node = shared.Text(message.Node, known?.Node),
        CanonicalName = shared.Text(message.CanonicalName, known?.CanonicalName),
        CanonicalRevision = shared.Text(message.CanonicalRevision, known?.CanonicalRevision),
        WorkloadType = TypeName(message.WorkloadType),
        WorkloadName = shared.Text(message.WorkloadName, known?.WorkloadName),
        NativeTunnel = message.NativeTunnel,
        ApplicationTunnel = Tunnel(message.ApplicationTunnel),
        AuthorizationPolicies = shared.Texts(message.AuthorizationPolicies, known?.AuthorizationPolicies),
        Status = Status(message.Status),
        ClusterId = TextOr(message.ClusterId, DefaultCluster, known?.ClusterId),
        Hostname = shared.Text(message.Hostname, known?.Hostname),
        Locality = shared.Locality(message.Locality, known?.Locality),
        Capacity = message.Capacity ?? 1,
        Services = Services(message.Services, known?.Services),
    };

    private static InetAddress[] Addresses(RepeatedField<ByteString> fields, InetAddress[]? known)
    {
        InetAddress[] addresses = fields.Count == 0 ? [] : new InetAddress[fields.Count];
        for (int at = 0; at < addresses.Length; at++)
        {
            addresses[at] = MeshValues.Address(fields[at]);
        }

        return known is not null && known.AsSpan().SequenceEqual(addresses) ? known : addresses;
    }

    private WorkloadService[] Services(MapField<string, Wire.PortList> fields, WorkloadService[]? known)
    {
        if (fields.Count == 0)
        {
            return [];
        }

        WorkloadService[] services = new WorkloadService[fields.Count];
        bool isKnown = known?.Length == services.Length;
        int at = 0;
        foreach ((string key, Wire.PortList ports) in fields)
        {
            WorkloadService? before = at < known?.Length ? known[at] : null;
            WorkloadService service = shared.Service(key, ports, before);
            isKnown &= ReferenceEquals(service, before);
            services[at++] = service;
        }

        return isKnown ? known! : services;
    }

    // Not shared: no other workload says the same.
    private static string Own(string text, string? known) => text == known ? known : text;

    private string TextOr(string text, string absent, string? known) =>
        text.Length == 0 ? absent : shared.Text(text, known);

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
