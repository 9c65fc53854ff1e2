using Google.Protobuf.WellKnownTypes;
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

    /// <param name="message">An <c>istio.workload.Workload</c>.</param>
    /// <param name="find">The workload of a uid as it was until now, if it was: what has not changed is taken from it.</param>
    /// <exception cref="InvalidDataException">It is no such message.</exception>
    /// <exception cref="RejectedResourceException">With the field's trouble.</exception>
    public Workload Read(ReadOnlySpan<byte> message, Func<string, Workload?> find)
    {
        WorkloadFields fields = WorkloadFields.Read(message);
        string uid = WireText.Read(fields.Uid, known: null);
        Workload? known = find(uid);
        return new Workload
        {
            Uid = known?.Uid ?? uid,
            Name = WireText.Read(fields.Name, known?.Name), // not shared: no other workload says the same
            Namespace = shared.Text(fields.Namespace, known?.Namespace),
            Addresses = Addresses(in fields, known?.Addresses),
            Network = shared.Text(fields.Network, known?.Network),
            Protocol = Protocol(fields.TunnelProtocol),
            NetworkMode = Mode(fields.NetworkMode),
            TrustDomain = TextOr(fields.TrustDomain, DefaultTrustDomain, known?.TrustDomain),
            ServiceAccount = TextOr(fields.ServiceAccount, DefaultServiceAccount, known?.ServiceAccount),
            Waypoint = fields.Waypoint.IsThere ? shared.Gateway(fields.Waypoint.Bytes) : null,
            NetworkGateway = fields.NetworkGateway.IsThere ? shared.Gateway(fields.NetworkGateway.Bytes) : null,
            Node = shared.Text(fields.Node, known?.Node),
            CanonicalName = shared.Text(fields.CanonicalName, known?.CanonicalName),
            CanonicalRevision = shared.Text(fields.CanonicalRevision, known?.CanonicalRevision),
            WorkloadType = TypeName(fields.WorkloadType),
            WorkloadName = shared.Text(fields.WorkloadName, known?.WorkloadName),
            NativeTunnel = fields.NativeTunnel,
            ApplicationTunnel = Tunnel(fields.ApplicationTunnel),
            AuthorizationPolicies = Policies(in fields, known?.AuthorizationPolicies),
            Status = Status(fields.Status),
            ClusterId = TextOr(fields.ClusterId, DefaultCluster, known?.ClusterId),
            Hostname = shared.Text(fields.Hostname, known?.Hostname),
            Locality = LocalityOf(fields.Locality, known?.Locality),
            Capacity = Capacity(fields.Capacity),
            Services = Services(in fields, known?.Services),
        };
    }

    private static InetAddress[] Addresses(in WorkloadFields fields, InetAddress[]? known)
    {
        InetAddress[] addresses = fields.Addresses == 0 ? [] : new InetAddress[fields.Addresses];
        WireReader all = new(fields.Message);
        for (int at = 0; at < addresses.Length && all.Next(Wire.Workload.AddressesFieldNumber); at++)
        {
            addresses[at] = MeshValues.Address(all.Bytes);
        }

        return Kept(addresses, known);
    }

    private string[] Policies(in WorkloadFields fields, string[]? known)
    {
        string[] policies = fields.AuthorizationPolicies == 0 ? [] : new string[fields.AuthorizationPolicies];
        WireReader all = new(fields.Message);
        for (int at = 0; at < policies.Length && all.Next(Wire.Workload.AuthorizationPoliciesFieldNumber); at++)
        {
            policies[at] = shared.Text(all.Bytes, at < known?.Length ? known[at] : null);
        }

        return Kept(policies, known);
    }

    private WorkloadService[] Services(in WorkloadFields fields, WorkloadService[]? known)
    {
        WorkloadService[] services = fields.Services == 0 ? [] : new WorkloadService[fields.Services];
        WireReader all = new(fields.Message);
        for (int at = 0; at < services.Length && all.Next(Wire.Workload.ServicesFieldNumber); at++)
        {
            services[at] = shared.Service(all.Bytes);
        }

        return SaysOneTwice(services)
            ? Services(WorkloadFields.Read(WireMessage.MadePlain(Wire.Workload.Parser, fields.Message)), known)
            : Kept(services, known);
    }

    private static bool SaysOneTwice(WorkloadService[] services)
    {
        const int few = 16; // compared with each other in less time than a table takes
        if (services.Length > few)
        {
            return services.DistinctBy(static service => service.Name).Count() < services.Length;
        }

        for (int at = 1; at < services.Length; at++)
        {
            for (int before = 0; before < at; before++)
            {
                if (services[at].Name == services[before].Name)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static T[] Kept<T>(T[] values, T[]? known)
        where T : IEquatable<T> =>
        known is not null && known.AsSpan().SequenceEqual(values) ? known : values;

    private string TextOr(ReadOnlySpan<byte> utf8, string absent, string? known) =>
        utf8.IsEmpty ? absent : shared.Text(utf8, known);

    private Locality LocalityOf(WirePart part, Locality? known)
    {
        Locality locality = part.IsThere ? shared.Locality(part.Bytes) : Locality.None;
        return locality == known ? known : locality;
    }

    private static uint Capacity(WirePart part) =>
        part.IsThere ? WireMessage.Parse(UInt32Value.Parser, part.Bytes).Value : 1;

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

    private static ApplicationTunnel? Tunnel(WirePart part)
    {
        if (!part.IsThere)
        {
            return null;
        }

        Wire.ApplicationTunnel tunnel = WireMessage.Parse(Wire.ApplicationTunnel.Parser, part.Bytes);
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
