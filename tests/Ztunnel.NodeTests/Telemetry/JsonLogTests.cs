using System.Text.Json;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Telemetry;

/// <summary>The log as JSON: order, names and types of the fields.</summary>
public sealed class JsonLogTests(NodeLab lab) : IClassFixture<NodeLab>
{
    private static readonly string[] s_fields =
    [
        "level", "time", "scope", "message", "src.addr", "src.workload", "src.namespace", "src.identity", "src.cluster",
        "dst.addr", "dst.hbone_addr", "dst.workload", "dst.namespace", "dst.identity", "dst.cluster", "direction",
        "bytes_sent", "bytes_recv", "duration",
    ];

    [Fact]
    public async Task Line_OfAConnection_IsOneObjectWithItsFieldsInOrder()
    {
        Pod client = lab.AddPod();
        Pod server = lab.AddPod();
        using ZtunnelProcess proxy = await lab
            .Start([client, server], options => options.With(("LOG_FORMAT", "json"))).ReadyAsync();
        using AppServer echo = AppServer.Echo(server);
        await EchoClient.OnceAsync(client, server.V4, echo.Port, 500);

        string line = await proxy.Log.WaitForAsync("connection complete", "\"direction\":\"outbound\"");

        using JsonDocument json = JsonDocument.Parse(line);
        JsonElement access = json.RootElement;
        Assert.Equal(s_fields, access.EnumerateObject().Select(field => field.Name).Take(s_fields.Length));
        Assert.Equal("info", access.GetProperty("level").GetString());
        Assert.Equal("access", access.GetProperty("scope").GetString());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", access.GetProperty("time").GetString()!);
        Assert.Equal(500, access.GetProperty("bytes_sent").GetInt32());
        Assert.Equal(500, access.GetProperty("bytes_recv").GetInt32());
        Assert.Matches(@"^\d+ms$", access.GetProperty("duration").GetString()!);
        Assert.Equal(client.SpiffeId, access.GetProperty("src.identity").GetString());
        Assert.All(proxy.Log.Lines(), each => JsonDocument.Parse(each).Dispose());
    }
}
