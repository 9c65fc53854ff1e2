using System.Net;
using System.Net.Sockets;
using System.Text;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Dns;

/// <summary>SOCKS5 with names, which the pod's own DNS server resolves.</summary>
public sealed class SocksNameTests(NodeLab lab) : IClassFixture<NodeLab>
{
    private const int Port = 15080;
    private const string Vip = "10.96.0.10";

    [Theory]
    [InlineData("echo")]
    [InlineData("echo.default.svc.cluster.local.")]
    public async Task Connect_ByNameOfTheMesh_ReachesTheService(string name)
    {
        Pod client = lab.AddPod();
        Pod server = lab.AddPod();
        using AppServer echo = AppServer.Echo(server);
        using ZtunnelProcess proxy = await StartAsync([client, server], echo.Port);

        using Socket socket = await AskAsync(client, name);

        Assert.Equal([5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0], await ReceiveAsync(socket, 12));
        await Apps.SendAllAsync(socket, "hello"u8.ToArray());
        Assert.Equal("hello"u8.ToArray(), await ReceiveAsync(socket, 5));
        socket.Close();
        await proxy.Log.WaitForAsync(
            "connection complete", "direction=\"outbound\"", "dst.service=\"echo.default.svc.cluster.local\"");
    }

    [Theory]
    [InlineData("nobody.example.com", 4)] // the upstream server says so, or is not there
    [InlineData("a..b", 4)]
    public async Task Connect_ByUnknownName_IsRefused(string name, byte code)
    {
        Pod client = lab.AddPod();
        using ZtunnelProcess proxy = await StartAsync([client], 80);

        using Socket socket = await AskAsync(client, name);

        Assert.Equal([5, 0, 5, code, 0, 1, 0, 0, 0, 0, 0, 0], await ReceiveAsync(socket, 12));
        await Patience.ForAsync(Apps.ReadToEndAsync(socket), "the end");
    }

    [Fact]
    public async Task Connect_ByNameWithoutDns_IsAgainstTheProtocol()
    {
        Pod client = lab.AddPod();
        using ZtunnelProcess proxy = await StartAsync([client], 80, ("ISTIO_META_DNS_CAPTURE", "false"));

        using Socket socket = await AskAsync(client, "echo");

        Assert.Equal([5, 0, 5, 7, 0, 1, 0, 0, 0, 0, 0, 0], await ReceiveAsync(socket, 12));
    }

    private Task<ZtunnelProcess> StartAsync(
        IReadOnlyList<Pod> pods, int target, params (string, string?)[] variables) =>
        lab.Start(pods, options => options.With(
            [("UNSTABLE_ENABLE_SOCKS5", "true"), ("ISTIO_META_DNS_CAPTURE", "true"), .. variables]) with
        {
            Mesh = MeshOf(pods, target),
            ResolvConf = "nameserver 10.77.255.254\noptions timeout:1 attempts:0\n",
        }).ReadyAsync();

    private static MeshConfig MeshOf(IReadOnlyList<Pod> pods, int target)
    {
        MeshConfig mesh = new MeshConfig().AddService("echo", [Vip], new() { [80] = target });
        foreach (Pod pod in pods)
        {
            mesh.Add(pod, pod == pods[0] ? null : new Dictionary<string, Dictionary<int, int>>
            {
                ["default/echo.default.svc.cluster.local"] = new() { [80] = target },
            });
        }

        return mesh;
    }

    // Greeting, request and port in one: what is behind the name has to wait for its address.
    private static async Task<Socket> AskAsync(Pod client, string name)
    {
        Socket socket = await client.ConnectAsync(IPAddress.Loopback, Port);
        byte[] text = Encoding.ASCII.GetBytes(name);
        await Apps.SendAllAsync(socket, (byte[])[5, 1, 0, 5, 1, 0, 3, (byte)text.Length, .. text, 0, 80]);
        return socket;
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket, int length)
    {
        byte[] bytes = new byte[length];
        await Patience.ForAsync(Apps.ReceiveAllAsync(socket, bytes), $"{length} bytes");
        return bytes;
    }
}
