using System.Text;
using System.Text.Json;
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
            new("b", info, null, new RecordingProxy(info, default)),
            new("a", info, null, null),
        ];
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            PodDump.Write(json, pods, static (json, _) =>
            {
                json.WriteStartObject();
                json.WriteEndObject();
            });
        }

        Assert.Equal(
            """{"a":{"info":{"name":"client","namespace":"default","serviceAccount":"sa"},"state":"Pending"}"""
            + ",\"b\":"
            + """{"connections":{},"info":{"name":"client","namespace":"default","serviceAccount":"sa"},"state":"Up"}}""",
            Encoding.UTF8.GetString(stream.ToArray()));
    }
}
