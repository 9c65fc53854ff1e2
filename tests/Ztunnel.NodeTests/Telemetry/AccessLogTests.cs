using System.Net;
using System.Text.RegularExpressions;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Telemetry;

/// <summary>Access lines field by field, as text.</summary>
[Collection(TelemetryCollection.Name)]
public sealed class AccessLogTests(TelemetryMesh mesh)
{
    private const string Head = @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\tinfo\taccess\tconnection complete\t";

    private static readonly IPAddress s_vip = IPAddress.Parse(TelemetryMesh.Vip);

    private string Server => Regex.Escape(mesh.Server.V4.ToString());

    private string Client => Regex.Escape(mesh.Client.V4.ToString());

    private string ClientFields =>
        """src\.workload="client" src\.namespace="default" """
        + $"""src\.identity="{Regex.Escape(mesh.Client.SpiffeId)}" src\.cluster="Kubernetes" """;

    private string ServerFields =>
        """dst\.workload="server" dst\.namespace="default" """
        + $"""dst\.identity="{Regex.Escape(mesh.Server.SpiffeId)}" dst\.cluster="Kubernetes" """;

    [Fact]
    public async Task Tunnel_OfAServiceCall_IsLoggedOnBothSides()
    {
        await CallAsync(mesh.Client, s_vip, TelemetryMesh.ServicePort, 1234);

        string tail = $"""{ServerFields}direction="%" bytes_sent=1234 bytes_recv=1234 duration="\d+ms"$""";
        string middle = $"""{ClientFields}dst\.addr={Server}:15008 dst\.hbone_addr={Server}:{TelemetryMesh.Target} """
            + $"""dst\.service="{Regex.Escape(TelemetryMesh.Service)}" """;
        Assert.Matches(
            $@"{Head}src\.addr={Client}:\d+ {middle}{tail.Replace("%", "outbound", StringComparison.Ordinal)}",
            await LineAsync(mesh.Mesh.ClientProxy, "bytes_sent=1234"));
        Assert.Matches(
            $@"{Head}src\.addr={Client}:\d+ {middle}{tail.Replace("%", "inbound", StringComparison.Ordinal)}",
            await LineAsync(mesh.Mesh.ServerProxy, "bytes_sent=1234"));
    }

    [Fact]
    public async Task Plain_FromOutside_HasNoTunnelAndNoIdentities()
    {
        await CallAsync(mesh.Outside, mesh.Server.V4, TelemetryMesh.Target, 1235);

        Assert.Matches(
            $@"{Head}src\.addr={Regex.Escape(mesh.Outside.V4.ToString())}:\d+ "
            + @"src\.workload=""outside"" src\.namespace=""default"" src\.cluster=""Kubernetes"" "
            + $@"dst\.addr={Server}:{TelemetryMesh.Target} dst\.service=""{Regex.Escape(TelemetryMesh.Service)}"" "
            + @"dst\.workload=""server"" dst\.namespace=""default"" "
            + @"dst\.cluster=""Kubernetes"" direction=""inbound"" bytes_sent=1235 bytes_recv=1235 duration=""\d+ms""$",
            await LineAsync(mesh.Mesh.ServerProxy, "bytes_sent=1235"));
    }

    [Fact]
    public async Task Passthrough_ToAnUnknownAddress_HasNoDestinationWorkload()
    {
        LabHost bridge = mesh.Mesh.Network.Bridge;
        using AppServer echo = AppServer.Echo(bridge);
        await CallAsync(mesh.Client, bridge.V4, echo.Port, 1236);

        Assert.Matches(
            $@"{Head}src\.addr={Client}:\d+ src\.workload=""client"" src\.namespace=""default"" src\.cluster=""Kubernetes"" "
            + $@"dst\.addr={Regex.Escape(bridge.V4.ToString())}:{echo.Port} direction=""outbound"" "
            + @"bytes_sent=1236 bytes_recv=1236 duration=""\d+ms""$",
            await LineAsync(mesh.Mesh.ClientProxy, "bytes_sent=1236"));
    }

    [Fact]
    public async Task Failure_OfATunnelledCall_IsAnErrorWithItsReason()
    {
        using EchoClient client = await EchoClient.ConnectAsync(mesh.Client, mesh.Server.V4, 9);
        await Patience.ForAsync(Apps.ReadToEndAsync(client.Socket), "the proxy to close");

        string outbound = await LineAsync(mesh.Mesh.ClientProxy, $"dst.hbone_addr={mesh.Server.V4}:9");
        string inbound = await LineAsync(mesh.Mesh.ServerProxy, $"dst.hbone_addr={mesh.Server.V4}:9");

        Assert.Matches(
            @"Z\terror\taccess\tconnection complete\t.* duration=""\d+ms"" error=""http status: 503 Service Unavailable""$", outbound);
        Assert.Matches(
            @"Z\terror\taccess\tconnection complete\t.* duration=""\d+ms"" error=""connection failed: [^""]*refused[^""]*""$",
            inbound);
    }

    [Fact]
    public async Task Loop_ToTheProxyItself_IsAnEarlyDenial()
    {
        using EchoClient client = await EchoClient.ConnectAsync(mesh.Outside, mesh.Server.V4, 15001);
        await Patience.ForAsync(Apps.ReadToEndAsync(client.Socket), "the proxy to close");

        Assert.Matches(
            $@"Z\twarn\taccess\tconnection failed\tsrc\.addr={Regex.Escape(mesh.Outside.V4.ToString())}:\d+ "
            + $@"dst\.addr={Server}:15001 "
            + @"direction=""inbound"" error=""attempted recursive call to ourselves""$",
            await mesh.Mesh.ServerProxy.Log.WaitForAsync("connection failed", ":15001"));
    }

    [Fact]
    public async Task Level_RaisedOverHttp_TellsOfOpenedConnectionsToo()
    {
        ZtunnelProcess proxy = mesh.Mesh.ServerProxy;
        using HttpResponseMessage raised = await proxy.PostAdminAsync("/logging?level=debug");
        Assert.Matches("^current log level is (.*,)?debug\n$", await raised.Content.ReadAsStringAsync());

        await CallAsync(mesh.Client, s_vip, TelemetryMesh.ServicePort, 1237);
        Assert.Matches(
            @"Z\tdebug\taccess(:[^\t]*)?\tconnection opened\t.* direction=""inbound""$",
            await proxy.Log.WaitForAsync("connection opened"));

        using HttpResponseMessage reset = await proxy.PostAdminAsync("/logging?reset");
        Assert.Matches("^current log level is (.*,)?info\n$", await reset.Content.ReadAsStringAsync());
        using HttpResponseMessage wrong = await proxy.PostAdminAsync("/logging?level=loud");
        Assert.Equal(400, (int)wrong.StatusCode);
        Assert.StartsWith(
            "Invalid level provided: loud\n", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using HttpResponseMessage get = await proxy.SendAsync(HttpMethod.Get, ZtunnelProcess.AdminPort, "/logging");
        Assert.Equal(405, (int)get.StatusCode);
    }

    private static async Task CallAsync(Pod from, IPAddress address, int port, int size)
    {
        using EchoClient client = await EchoClient.ConnectAsync(from, address, port);
        await client.ExchangeAsync(size);
    }

    private static Task<string> LineAsync(ZtunnelProcess proxy, string part) =>
        proxy.Log.WaitForAsync("connection complete", part);
}
