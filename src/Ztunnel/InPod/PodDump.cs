using System.Text.Json;
using Ztunnel.Proxy;

namespace Ztunnel.InPod;

/// <summary>The <c>workloadState</c> of the config dump.</summary>
internal static class PodDump
{
    /// <param name="connections">Writes the value of <c>connections</c> for a running proxy.</param>
    public static void Write(
        Utf8JsonWriter json, IEnumerable<Pod> pods, Action<Utf8JsonWriter, IPodProxy> connections)
    {
        json.WriteStartObject();
        foreach (Pod pod in pods.OrderBy(static pod => pod.Uid, StringComparer.Ordinal))
        {
            json.WriteStartObject(pod.Uid);
            if (pod.Proxy is { } proxy)
            {
                json.WritePropertyName("connections");
                connections(json, proxy);
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
}
