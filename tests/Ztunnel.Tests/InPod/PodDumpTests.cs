using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ztunnel.Identity;
using Ztunnel.InPod;

namespace Ztunnel.Tests.InPod;

public sealed class PodDumpTests
{
    [Fact]
    public void Write_PendingAndUp_MatchesTheReference()
    {
        WorkloadInfo info = new("client", "default", "sa");
        Pod[] pods =
        [
            new("b", info, null, new RecordingProxy(info, default)
            {
                Connections =
                [
                    new(true, "10.0.0.9:41000", null, "10.0.0.1:8080", "HBONE"),
                    new(true, "10.0.0.9:41001", "cart.shop", "10.0.0.1:8080", "HBONE"),
                    new(false, "10.0.0.1:41002", "10.9.0.1:80", "10.0.0.5:15008", "DOUBLEHBONE"),
                ],
            }),
            new("c", info, null, new RecordingProxy(info, default)),
            new("a", info, null, null),
        ];
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            PodDump.Write(json, pods);
        }

        JsonNode expected = JsonNode.Parse("""
            {
              "a": {"info": {"name": "client", "namespace": "default", "serviceAccount": "sa"}, "state": "Pending"},
              "b": {
                "connections": {
                  "inbound": [
                    {"actualDst": "10.0.0.1:8080", "originalDst": null, "protocol": "HBONE", "src": "10.0.0.9:41000"},
                    {
                      "actualDst": "10.0.0.1:8080", "originalDst": "cart.shop", "protocol": "HBONE",
                      "src": "10.0.0.9:41001"
                    }
                  ],
                  "outbound": [
                    {
                      "actualDst": "10.0.0.5:15008", "originalDst": "10.9.0.1:80", "protocol": "DOUBLEHBONE",
                      "src": "10.0.0.1:41002"
                    }
                  ]
                },
                "info": {"name": "client", "namespace": "default", "serviceAccount": "sa"}, "state": "Up"
              },
              "c": {
                "connections": {"inbound": [], "outbound": []},
                "info": {"name": "client", "namespace": "default", "serviceAccount": "sa"}, "state": "Up"
              }
            }
            """)!;
        Assert.Equal(expected.ToJsonString(), Encoding.UTF8.GetString(stream.ToArray()));
    }
}
