using System.Text.Json;
using Ztunnel.Linux;

namespace Ztunnel.State;

/// <summary>Workloads as the configuration dump shows them; istioctl reads this.</summary>
internal static class WorkloadJson
{
    /// <summary>An array in order of uid.</summary>
    public static void WriteAll(Utf8JsonWriter json, IEnumerable<Workload> workloads)
    {
        json.WriteStartArray();
        foreach (Workload workload in Ordered(workloads))
        {
            Write(json, workload);
        }

        json.WriteEndArray();
    }

    /// <summary>By uid.</summary>
    public static IEnumerable<Workload> Ordered(IEnumerable<Workload> workloads) =>
        workloads.OrderBy(workload => workload.Uid, StringComparer.Ordinal);

    // Keys in order, as the reference prints them; what has its default is mostly left out.
    public static void Write(Utf8JsonWriter json, Workload workload)
    {
        json.WriteStartObject();
        WriteTunnel(json, workload.ApplicationTunnel);
        MeshJson.WriteTexts(json, "authorizationPolicies", workload.AuthorizationPolicies);
        MeshJson.WriteText(json, "canonicalName", workload.CanonicalName);
        MeshJson.WriteText(json, "canonicalRevision", workload.CanonicalRevision);
        json.WriteNumber("capacity", workload.Capacity);
        json.WriteString("clusterId", workload.ClusterId);
        MeshJson.WriteText(json, "hostname", workload.Hostname);
        WriteLocality(json, workload.Locality);
        json.WriteString("name", workload.Name);
        json.WriteString("namespace", workload.Namespace);
        if (workload.NativeTunnel)
        {
            json.WriteBoolean("nativeTunnel", true);
        }

        MeshJson.WriteText(json, "network", workload.Network);
        MeshJson.WriteGateway(json, "networkGateway", workload.NetworkGateway);
        json.WriteString("networkMode", workload.NetworkMode == NetworkMode.HostNetwork ? "HostNetwork" : "Standard");
        MeshJson.WriteText(json, "node", workload.Node);
        json.WriteString("protocol", workload.Protocol == TunnelProtocol.Hbone ? "HBONE" : "TCP");
        MeshJson.WriteText(json, "serviceAccount", workload.ServiceAccount);
        MeshJson.WriteTexts(json, "services", [.. workload.Services.Select(served => served.Name.ToString())]);
        MeshJson.WriteStatus(json, workload.Status);
        MeshJson.WriteText(json, "trustDomain", workload.TrustDomain);
        MeshJson.WriteText(json, "uid", workload.Uid);
        MeshJson.WriteGateway(json, "waypoint", workload.Waypoint);
        json.WriteStartArray("workloadIps");
        foreach (InetAddress address in workload.Addresses)
        {
            json.WriteStringValue(address.ToString());
        }

        json.WriteEndArray();
        MeshJson.WriteText(json, "workloadName", workload.WorkloadName);
        MeshJson.WriteText(json, "workloadType", workload.WorkloadType);
        json.WriteEndObject();
    }

    private static void WriteTunnel(Utf8JsonWriter json, ApplicationTunnel? tunnel)
    {
        if (tunnel is null)
        {
            return;
        }

        json.WriteStartObject("applicationTunnel");
        if (tunnel.Port is { } port)
        {
            json.WriteNumber("port", port);
        }
        else
        {
            json.WriteNull("port");
        }

        json.WriteString("protocol", tunnel.Protocol == ApplicationTunnelProtocol.Proxy ? "PROXY" : "NONE");
        json.WriteEndObject();
    }

    private static void WriteLocality(Utf8JsonWriter json, Locality locality)
    {
        if (locality == Locality.None)
        {
            return;
        }

        json.WriteStartObject("locality");
        json.WriteString("region", locality.Region);
        json.WriteString("subzone", locality.Subzone);
        json.WriteString("zone", locality.Zone);
        json.WriteEndObject();
    }
}
