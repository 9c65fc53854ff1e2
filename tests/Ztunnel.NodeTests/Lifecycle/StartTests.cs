using System.Text.RegularExpressions;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Lifecycle;

/// <summary>How a proxy starts, and why it does not.</summary>
public sealed class StartTests(NodeLab lab) : IClassFixture<NodeLab>
{
    [Theory]
    [InlineData(15000)]
    [InlineData(15020)]
    [InlineData(15021)]
    public async Task Port_InUse_EndsTheProcessWithItsAddress(int port)
    {
        LabHost node = lab.AddNode();
        using System.Net.Sockets.Socket taken = node.Occupy(port);
        using ZtunnelProcess proxy = lab.Start(node, []);

        Assert.Equal(1, await proxy.ExitAsync());
        Assert.Single(proxy.Log.Lines(), line => line.Contains($":{port}", StringComparison.Ordinal)
            && line.Contains("in use", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("KEEPALIVE_TIME", "soon")]
    [InlineData("KEEPALIVE_RETRIES", "many")]
    [InlineData("ENABLE_ORIG_SRC", "maybe")]
    [InlineData("HTTP2_FRAME_SIZE", "1")]
    [InlineData("PROXY_MODE", "both")]
    [InlineData("CA_ADDRESS", "not an address")]
    [InlineData("ZTUNNEL_WORKER_THREADS", "-1")]
    public async Task Variable_ThatCannotBeUsed_EndsTheProcessWithOneLine(string name, string value)
    {
        using ZtunnelProcess proxy = lab.Start([], options => options.With((name, value)));

        Assert.Equal(1, await proxy.ExitAsync());
        string line = Assert.Single(proxy.Log.Lines());
        Assert.Contains(name, line, StringComparison.Ordinal);
        Assert.Contains(value, line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("workloads:\n- namespace: a\n  workloadIps: []\n  services: {}\n  colour: red\n", 5, "colour")] // unknown
    [InlineData("workloads:\n- uid: a\n  name: [b]\n", 3, "name")] // another type
    [InlineData(
        "services:\n- name: a\n  namespace: b\n  hostname: c\n  vips: [\"/10.0.0.300\"]\n  ports: {80: 80}\n",
        5,
        "vips")]
    [InlineData("workloads:\n- namespace: a\n  workloadIps: [\"10.0.0\"]\n", 3, "workloadIps")]
    public async Task Document_ThatCannotBeRead_EndsTheProcessWithFileLineAndField(
        string document, int line, string field)
    {
        using ZtunnelProcess proxy = lab.Start([], options => options with { Document = document });

        Assert.Equal(1, await proxy.ExitAsync());
        string said = Assert.Single(
            proxy.Log.Lines(), text => text.Contains($"{proxy.ConfigPath}:{line}:", StringComparison.Ordinal));
        Assert.Contains(field, said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Workers_AsManyAsAskedFor_CarryTheirNames()
    {
        using ZtunnelProcess proxy = await lab
            .Start([], options => options.With(("ZTUNNEL_WORKER_THREADS", "3"))).ReadyAsync();

        IEnumerable<string> names = Directory.EnumerateDirectories($"/proc/{proxy.Id}/task")
            .Select(thread => File.ReadAllText(Path.Combine(thread, "comm")).Trim())
            .Where(name => Regex.IsMatch(name, "^ztunnel-[0-9]+$"));

        Assert.Equal(["ztunnel-0", "ztunnel-1", "ztunnel-2"], names.Order());
    }

    [Fact]
    public async Task Sockets_OfAServedPod_CarryTheMark()
    {
        Pod pod = lab.AddPod();
        using ZtunnelProcess proxy = await lab
            .Start([pod], options => options.With(("PACKET_MARK", "1337"))).ReadyAsync();

        // Without the mark the proxy's own calls would be captured again: this one would never arrive.
        using AppServer echo = AppServer.Echo(lab.Outside);
        await EchoClient.OnceAsync(pod, lab.Outside.V4, echo.Port);
        Assert.Equal([pod.V4], echo.Callers.Select(caller => caller.Address));
        ShellResult listeners = await pod.RunAsync("ss", "-Hltn");
        Assert.Equal(
            ["15001", "15006", "15008"],
            listeners.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3].Split(':')[^1])
                .Where(port => port.StartsWith("150", StringComparison.Ordinal)).Distinct().Order());
    }
}
