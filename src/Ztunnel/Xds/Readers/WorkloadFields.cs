using Wire = Ztunnel.Protos.Workloads;

namespace Ztunnel.Xds.Readers;

/// <summary>
/// An <c>istio.workload.Workload</c> where it lies. Fields that may be there more than once are only counted: who wants
/// them walks the message again. What the generated parser takes is taken, what it refuses is refused; but a kind of field
/// that does not exist, which that one passes over in an entry of a map, is refused everywhere.
/// </summary>
internal ref struct WorkloadFields
{
    public ReadOnlySpan<byte> Uid;
    public ReadOnlySpan<byte> Name;
    public ReadOnlySpan<byte> Namespace;
    public ReadOnlySpan<byte> Network;
    public ReadOnlySpan<byte> TrustDomain;
    public ReadOnlySpan<byte> ServiceAccount;
    public ReadOnlySpan<byte> Node;
    public ReadOnlySpan<byte> CanonicalName;
    public ReadOnlySpan<byte> CanonicalRevision;
    public ReadOnlySpan<byte> WorkloadName;
    public ReadOnlySpan<byte> ClusterId;
    public ReadOnlySpan<byte> Hostname;
    public WirePart Waypoint;
    public WirePart NetworkGateway;
    public WirePart ApplicationTunnel;
    public WirePart Locality;
    public WirePart Capacity;
    public Wire.TunnelProtocol TunnelProtocol;
    public Wire.WorkloadType WorkloadType;
    public Wire.WorkloadStatus Status;
    public Wire.NetworkMode NetworkMode;
    public bool NativeTunnel;
    public int Addresses;
    public int AuthorizationPolicies;
    public int Services;

    /// <summary>All of the message, each part at most once.</summary>
    public ReadOnlySpan<byte> Message;

    /// <exception cref="InvalidDataException">It is no such message.</exception>
    public static WorkloadFields Read(ReadOnlySpan<byte> message)
    {
        WorkloadFields read = new() { Message = message };
        WireReader fields = new(message);
        while (fields.Next())
        {
            if (fields.IsBytes)
            {
                read.SetBytes(ref fields);
            }
            else if (fields.IsNumber)
            {
                read.SetNumber(ref fields);
            }
        }

        return read.SaysPartsTwice ? Read(WireMessage.MadePlain(Wire.Workload.Parser, message)) : read;
    }

    private readonly bool SaysPartsTwice =>
        Waypoint.Count > 1
        || NetworkGateway.Count > 1
        || ApplicationTunnel.Count > 1
        || Locality.Count > 1
        || Capacity.Count > 1;

    private void SetBytes(ref WireReader fields)
    {
        switch (fields.Field)
        {
            case Wire.Workload.NameFieldNumber:
                Name = fields.Text;
                break;
            case Wire.Workload.NamespaceFieldNumber:
                Namespace = fields.Text;
                break;
            case Wire.Workload.AddressesFieldNumber:
                Addresses++;
                break;
            case Wire.Workload.NetworkFieldNumber:
                Network = fields.Text;
                break;
            case Wire.Workload.TrustDomainFieldNumber:
                TrustDomain = fields.Text;
                break;
            case Wire.Workload.ServiceAccountFieldNumber:
                ServiceAccount = fields.Text;
                break;
            case Wire.Workload.WaypointFieldNumber:
                Waypoint.Add(fields.Bytes);
                break;
            case Wire.Workload.NodeFieldNumber:
                Node = fields.Text;
                break;
            case Wire.Workload.CanonicalNameFieldNumber:
                CanonicalName = fields.Text;
                break;
            case Wire.Workload.CanonicalRevisionFieldNumber:
                CanonicalRevision = fields.Text;
                break;
            case Wire.Workload.WorkloadNameFieldNumber:
                WorkloadName = fields.Text;
                break;
            case Wire.Workload.AuthorizationPoliciesFieldNumber:
                _ = fields.Text;
                AuthorizationPolicies++;
                break;
            case Wire.Workload.ClusterIdFieldNumber:
                ClusterId = fields.Text;
                break;
            case Wire.Workload.NetworkGatewayFieldNumber:
                NetworkGateway.Add(fields.Bytes);
                break;
            case Wire.Workload.UidFieldNumber:
                Uid = fields.Text;
                break;
            case Wire.Workload.HostnameFieldNumber:
                Hostname = fields.Text;
                break;
            case Wire.Workload.ServicesFieldNumber:
                Services++;
                break;
            case Wire.Workload.ApplicationTunnelFieldNumber:
                ApplicationTunnel.Add(fields.Bytes);
                break;
            case Wire.Workload.LocalityFieldNumber:
                Locality.Add(fields.Bytes);
                break;
            case Wire.Workload.ExtensionsFieldNumber: // mean nothing to a node proxy
                _ = WireMessage.Parse(Wire.Extension.Parser, fields.Bytes);
                break;
            case Wire.Workload.CapacityFieldNumber:
                Capacity.Add(fields.Bytes);
                break;
        }
    }

    private void SetNumber(ref WireReader fields)
    {
        switch (fields.Field)
        {
            case Wire.Workload.TunnelProtocolFieldNumber:
                TunnelProtocol = (Wire.TunnelProtocol)(int)fields.Number;
                break;
            case Wire.Workload.WorkloadTypeFieldNumber:
                WorkloadType = (Wire.WorkloadType)(int)fields.Number;
                break;
            case Wire.Workload.NativeTunnelFieldNumber:
                NativeTunnel = fields.Number != 0;
                break;
            case Wire.Workload.StatusFieldNumber:
                Status = (Wire.WorkloadStatus)(int)fields.Number;
                break;
            case Wire.Workload.NetworkModeFieldNumber:
                NetworkMode = (Wire.NetworkMode)(int)fields.Number;
                break;
        }
    }
}
