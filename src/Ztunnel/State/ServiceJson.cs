using System.Text.Json;

namespace Ztunnel.State;

/// <summary>Services as the configuration dump shows them; istioctl reads this.</summary>
internal static class ServiceJson
{
    /// <summary>An array in order of hostname, each with the endpoints that its health policy admits.</summary>
    public static void WriteAll(Utf8JsonWriter json, IEnumerable<Service> services, Func<Service, EndpointSet> endpointsOf)
    {
        json.WriteStartArray();
        foreach (Service service in Ordered(services))
        {
            Write(json, service, endpointsOf(service));
        }

        json.WriteEndArray();
    }

    /// <summary>By hostname, then by namespace.</summary>
    public static IEnumerable<Service> Ordered(IEnumerable<Service> services) => services
        .OrderBy(service => service.Hostname, StringComparer.Ordinal)
        .ThenBy(service => service.Namespace, StringComparer.Ordinal);

    /// <param name="endpoints">Those that the service's health policy admits are shown.</param>
    public static void Write(Utf8JsonWriter json, Service service, EndpointSet endpoints) =>
        Write(json, service, AllOf(endpoints).Where(endpoint => endpoint.MayServe(service)));

    /// <summary>A static document's services, with the endpoints they name themselves.</summary>
    public static void WriteDeclared(Utf8JsonWriter json, IEnumerable<Service> services)
    {
        json.WriteStartArray();
        foreach (Service service in services)
        {
            Write(json, service, service.DeclaredEndpoints);
        }

        json.WriteEndArray();
    }

    /// <summary>An object from <c>namespace/hostname</c> to the endpoints that wait for that service.</summary>
    public static void WriteStaged(Utf8JsonWriter json, ServiceIndex services)
    {
        json.WriteStartObject();
        foreach ((NamespacedHostname name, EndpointSet endpoints) in services.Staged().OrderBy(
            staged => staged.Key.ToString(), StringComparer.Ordinal))
        {
            MeshJson.WriteEndpoints(json, name.ToString(), AllOf(endpoints));
        }

        json.WriteEndObject();
    }

    private static IEnumerable<Endpoint> AllOf(EndpointSet endpoints) => endpoints.Pages.ToArray().SelectMany(page => page);

    private static void Write(Utf8JsonWriter json, Service service, IEnumerable<Endpoint> endpoints)
    {
        json.WriteStartObject();
        json.WriteBoolean("canonical", service.Canonical);
        WriteCidrs(json, service.CidrVips);
        MeshJson.WriteEndpoints(json, "endpoints", endpoints);
        json.WriteString("hostname", service.Hostname);
        if (service.IpFamilies != IpFamilies.Automatic)
        {
            json.WriteString("ipFamilies", NameOf(service.IpFamilies));
        }

        WriteBalancer(json, service.LoadBalancer);
        json.WriteString("name", service.Name);
        json.WriteString("namespace", service.Namespace);
        MeshJson.WritePorts(json, "ports", service.Ports);
        MeshJson.WriteArray(json, "subjectAltNames", service.SubjectAltNames);
        MeshJson.WriteArray(json, "vips", service.Vips.Select(vip => vip.ToString()));
        json.WriteString("visibility", service.Visibility == ServiceVisibility.Public ? "Public" : "Namespace");
        MeshJson.WriteGateway(json, "waypoint", service.Waypoint);
        WriteWeighted(json, service.WeightedWaypoints);
        json.WriteEndObject();
    }

    private static void WriteCidrs(Utf8JsonWriter json, NetworkCidr[] vips)
    {
        if (vips.Length == 0)
        {
            return;
        }

        json.WriteStartArray("cidrVips");
        foreach (NetworkCidr vip in vips)
        {
            json.WriteStartObject();
            json.WriteString("cidr", vip.Cidr.ToString());
            json.WriteString("network", vip.Network);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteBalancer(Utf8JsonWriter json, LoadBalancer? balancer)
    {
        if (balancer is null)
        {
            return;
        }

        json.WriteStartObject("loadBalancer");
        json.WriteString("healthPolicy", balancer.HealthPolicy == HealthPolicy.AllowAll ? "AllowAll" : "OnlyHealthy");
        json.WriteString("mode", NameOf(balancer.Mode));
        MeshJson.WriteArray(json, "routingPreferences", balancer.RoutingPreferences.Select(NameOf));
        json.WriteEndObject();
    }

    private static void WriteWeighted(Utf8JsonWriter json, WeightedWaypoint[] waypoints)
    {
        if (waypoints.Length == 0)
        {
            return;
        }

        json.WriteStartArray("weightedWaypoints");
        foreach (WeightedWaypoint waypoint in waypoints)
        {
            json.WriteStartObject();
            MeshJson.WriteGateway(json, "destination", waypoint.Destination);
            json.WriteNumber("weight", waypoint.Weight);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // The names of these enums are those of the dump; a test reads every one of them.
    private static string NameOf<T>(T value)
        where T : struct, Enum => Enum.GetName(value) ?? "";
}
