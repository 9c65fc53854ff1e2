using System.Globalization;
using System.Text.Json;

namespace Ztunnel.State;

/// <summary>Writes the values that workloads and services of the configuration dump have in common.</summary>
internal static class MeshJson
{
    /// <summary>Leaves an empty text out.</summary>
    public static void WriteText(Utf8JsonWriter json, string name, string text)
    {
        if (text.Length > 0)
        {
            json.WriteString(name, text);
        }
    }

    /// <summary>Leaves an empty list out.</summary>
    public static void WriteTexts(Utf8JsonWriter json, string name, string[] texts)
    {
        if (texts.Length > 0)
        {
            WriteArray(json, name, texts);
        }
    }

    public static void WriteArray(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    public static void WriteStatus(Utf8JsonWriter json, HealthStatus status) =>
        json.WriteString("status", status == HealthStatus.Healthy ? "Healthy" : "Unhealthy");

    public static void WritePorts(Utf8JsonWriter json, string name, PortMap ports)
    {
        json.WriteStartObject(name);
        foreach (PortMapping mapping in ports.Mappings)
        {
            json.WriteNumber(mapping.ServicePort.ToString(CultureInfo.InvariantCulture), mapping.TargetPort);
        }

        json.WriteEndObject();
    }

    /// <summary>Leaves null out.</summary>
    public static void WriteGateway(Utf8JsonWriter json, string name, GatewayAddress? gateway)
    {
        if (gateway is not null)
        {
            json.WriteStartObject(name);
            json.WriteString("destination", gateway.Destination);
            json.WriteNumber("hboneMtlsPort", gateway.HbonePort);
            json.WriteEndObject();
        }
    }

    /// <summary>An object from workload uid to endpoint.</summary>
    public static void WriteEndpoints(Utf8JsonWriter json, string name, IEnumerable<Endpoint> endpoints)
    {
        json.WriteStartObject(name);
        foreach (Endpoint endpoint in endpoints)
        {
            json.WriteStartObject(endpoint.WorkloadUid);
            WritePorts(json, "port", endpoint.Ports);
            WriteStatus(json, endpoint.Status);
            json.WriteString("workloadUid", endpoint.WorkloadUid);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
