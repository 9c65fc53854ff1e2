using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Ztunnel.Config;
using Ztunnel.Protos.Discovery;

namespace Ztunnel.Xds;

/// <summary>What the control plane is told of this node; istiod tells kinds of proxies by the prefix of the id.</summary>
internal static class XdsNode
{
    public static Node Of(InstanceOptions instance, ProxyMetadata metadata)
    {
        Node node = new()
        {
            Id = $"ztunnel~{instance.InstanceIp}~{instance.PodName}.{instance.PodNamespace}"
                + $"~{instance.PodNamespace}.svc.cluster.local",
            Metadata = new Struct
            {
                Fields =
                {
                    ["NAME"] = Value.ForString(instance.PodName),
                    ["NAMESPACE"] = Value.ForString(instance.PodNamespace),
                    ["INSTANCE_IPS"] = Value.ForString(instance.InstanceIp),
                    ["NODE_NAME"] = Value.ForString(instance.LocalNode ?? ""),
                },
            },
        };
        foreach ((string name, string value) in metadata.Values)
        {
            node.Metadata.Fields[name] = Value.ForString(value);
        }

        foreach ((string name, string json) in metadata.JsonValues)
        {
            using JsonDocument document = JsonDocument.Parse(json);
            node.Metadata.Fields[name] = ValueOf(document.RootElement);
        }

        return node;
    }

    private static Value ValueOf(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => Value.ForStruct(StructOf(json)),
        JsonValueKind.Array => Value.ForList([.. json.EnumerateArray().Select(ValueOf)]),
        JsonValueKind.String => Value.ForString(json.GetString()),
        JsonValueKind.Number => Value.ForNumber(json.GetDouble()),
        JsonValueKind.True => Value.ForBool(true),
        JsonValueKind.False => Value.ForBool(false),
        _ => Value.ForNull(),
    };

    private static Struct StructOf(JsonElement json)
    {
        Struct value = new();
        foreach (JsonProperty property in json.EnumerateObject())
        {
            value.Fields[property.Name] = ValueOf(property.Value);
        }

        return value;
    }
}
