using System.Text.Json;
using Ztunnel.Proxy.Pods;

namespace Ztunnel.InPod;

/// <summary>The <c>workloadState</c> of the config dump, as istioctl reads it.</summary>
internal static class PodDump
{
    public static void Write(Utf8JsonWriter json, IEnumerable<Pod> pods)
    {
        json.WriteStartObject();
        foreach (Pod pod in pods.OrderBy(static pod => pod.Uid, StringComparer.Ordinal))
        {
            json.WriteStartObject(pod.Uid);
            if (pod.Proxy is { } proxy)
            {
                WriteConnections(json, proxy.ListConnections());
            }

            json.WriteStartObject("info");
            json.WriteString("name", pod.Info.Name);
            json.WriteString("namespace", pod.Info.Namespace);
            json.WriteString("serviceAccount", pod.Info.ServiceAccount);
            json.WriteEndObject();
            json.WriteString("state", pod.IsUp ? "Up" : "Pending");
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteConnections(Utf8JsonWriter json, IReadOnlyList<ConnectionSummary> connections)
    {
        json.WriteStartObject("connections");
        WriteArray(json, "inbound", connections.Where(static connection => connection.IsInbound));
        WriteArray(json, "outbound", connections.Where(static connection => !connection.IsInbound));
        json.WriteEndObject();
    }

    private static void WriteArray(Utf8JsonWriter json, string name, IEnumerable<ConnectionSummary> connections)
    {
        json.WriteStartArray(name);
        foreach (ConnectionSummary connection in connections)
        {
            json.WriteStartObject();
            json.WriteString("actualDst", connection.ActualDestination);
            json.WriteString("originalDst", connection.OriginalDestination);
            json.WriteString("protocol", connection.Protocol);
            json.WriteString("src", connection.Source);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
