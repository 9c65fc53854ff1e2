using System.Text.Json;
using Ztunnel.Proxy;

namespace Ztunnel.Hosting;

/// <summary>A pod without a proxy.</summary>
internal sealed class IdleProxy : IPodProxy
{
    public Task StopAsync(bool graceful) => Task.CompletedTask;

    public void WriteConnections(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("inbound");
        json.WriteEndArray();
        json.WriteStartArray("outbound");
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
