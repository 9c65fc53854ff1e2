using System.Net.Sockets;
using System.Runtime.InteropServices;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Dns;

/// <summary>DNS servers that come, fail, hand over and go; each test has a proxy of its own.</summary>
public sealed class DnsLifecycleTests(NodeLab lab) : IClassFixture<NodeLab>
{
    private const string Server = DnsMeshes.Server;

    private static int s_pods;

    [Fact]
    public async Task Start_PortTaken_ThePodIsPendingUntilItIsFree()
    {
        Pod pod = AddPod();
        Socket taken = pod.Inside(() => new Socket(SocketType.Dgram, ProtocolType.Udp));
        taken.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 15053));
        using ZtunnelProcess proxy = Start([pod]);
        await proxy.Log.WaitForAsync("failed to bind to address 127.0.0.1:15053");
        await lab.AssertNotServedAsync(pod);

        taken.Dispose();

        await proxy.ReadyAsync();
        Assert.Equal(1, (await AskAsync(pod)).Answers);
        await lab.AssertServedAsync(pod);
        await proxy.Log.WaitForAsync(
            "starting local DNS server", "address=\"127.0.0.1:15053,[::1]:15053\"", "component=\"dns\"");
    }

    [Fact]
    public async Task Drain_WithASuccessor_LosesNoQuery()
    {
        Pod pod = AddPod();
        using LabResolver upstream = new(lab.Network.Bridge);
        using ZtunnelProcess first = await Start([pod]).ReadyAsync();
        using ZtunnelProcess second = await Start([pod]).ReadyAsync();
        Task<Dig> slow = Dig.AskAsync(pod, Server, "silent.example.com");
        await Patience.UntilAsync(() => upstream.QueriesFor("silent.example.com").Count > 0, "the query to arrive");

        first.Signal(PosixSignal.SIGTERM);
        int asked = 0;
        do
        {
            Dig dig = await AskAsync(pod, "+time=1");
            Assert.True(dig.Answers == 1, dig.Text);
            asked++;
        }
        while (!first.HasExited);

        Assert.Equal(0, await first.ExitAsync());
        Assert.Equal("SERVFAIL", (await slow).Status); // answered by whoever had it
        Assert.Contains("dns server drained", first.Log.Tail(), StringComparison.Ordinal);
        Assert.True(asked > 0);
        second.Signal(PosixSignal.SIGTERM);
        Assert.Equal(0, await second.ExitAsync());
    }

    [Fact]
    public async Task Pod_GoneAndBack_HasItsServerAgain()
    {
        Pod pod = AddPod();
        using ZtunnelProcess proxy = await Start([pod]).ReadyAsync();
        Assert.Equal(1, (await AskAsync(pod)).Answers);

        proxy.Zds.Delete(pod);
        Assert.Equal("", (await AskAsync(pod, "+time=1")).Status);
        proxy.Zds.Add(pod);

        Assert.Equal(1, (await AskAsync(pod)).Answers);
    }

    [Fact]
    public async Task EnableProxyFalse_StillAnswersDns()
    {
        Pod pod = AddPod();
        using ZtunnelProcess proxy = await Start([pod], ("ENABLE_PROXY", "false")).ReadyAsync();

        Assert.Equal(1, (await AskAsync(pod)).Answers);
        await lab.AssertNotServedAsync(pod);
    }

    [Fact]
    public async Task Dedicated_WithoutTheMark_FindsItsOwnLoopAndStripsItsOwnSearchList()
    {
        Pod pod = AddPod();
        ZtunnelOptions options = Options([], pod).With(
            ("PROXY_MODE", "dedicated"), ("PROXY_WORKLOAD_INFO", $"default/{pod.Name}/{pod.Name}"));
        using ZtunnelProcess proxy = lab.Start(pod, [], _ => options with
        {
            Document = options.Mesh!.ToYaml(), // the redirect catches what goes to the control plane, too
            Mesh = null,
            ResolvConf = $"search corp.example\nnameserver {Server}\noptions timeout:1 attempts:0\n",
        });
        await Patience.UntilAsync(proxy.IsReadyAsync, "the dedicated proxy to be ready");

        Assert.Equal(1, (await AskAsync(pod)).Answers);
        Assert.Equal(2, (await Dig.AskAsync(pod, Server, "echo.corp.example", "A")).Answers);
        Assert.Equal("SERVFAIL", (await Dig.AskAsync(pod, Server, "a.example.com", "A")).Status);
        await proxy.WaitForMetricsAsync(
            metrics => metrics.Text.Contains("ztunnel_dns_loops_total 1", StringComparison.Ordinal),
            "the loop to be counted");
    }

    [Fact]
    public async Task ResolvConf_Changed_IsReadAgain()
    {
        Pod pod = AddPod();
        using LabResolver upstream = new(lab.Network.Bridge);
        using ZtunnelProcess proxy = lab.Start([pod], _ => Options([pod], pod) with
        {
            ResolvConf = "nameserver 10.77.255.1\noptions timeout:1 attempts:0\n",
        });
        await proxy.ReadyAsync();
        Assert.Equal("SERVFAIL", (await Dig.AskAsync(pod, Server, "a.example.com", "A")).Status);

        proxy.WriteResolvConf($"nameserver {Server}\n");

        await Patience.UntilAsync(
            async () => (await Dig.AskAsync(pod, Server, "a.example.com", "A")).Answers == 1,
            "the other server to be asked");
    }

    [Fact]
    public async Task DnsOff_NobodyListensAndNoFamilyIsThere()
    {
        Pod pod = AddPod();
        using ZtunnelProcess proxy = await Start([pod], ("ISTIO_META_DNS_CAPTURE", "false")).ReadyAsync();

        Assert.Equal("", (await AskAsync(pod, "+time=1")).Status);
        string metrics = (await proxy.MetricsAsync()).Text.Replace("on_demand_dns", "", StringComparison.Ordinal);
        Assert.DoesNotContain("_dns_", metrics, StringComparison.Ordinal);
    }

    private Pod AddPod() => lab.Network.AddPod(new PodSpec($"dns{++s_pods}") { CapturesDns = true });

    private ZtunnelProcess Start(IReadOnlyList<Pod> pods, params (string, string?)[] variables) =>
        lab.Start(pods, _ => Options(pods, [.. pods]).With(variables));

    private ZtunnelOptions Options(IReadOnlyList<Pod> pods, params Pod[] known) => new ZtunnelOptions
    {
        Binary = ZtunnelBinary.Ours,
        Pods = pods,
        Mesh = lab.Config(known).AddService("echo", ["10.96.0.10"], []),
        ResolvConf = $"nameserver {Server}\noptions timeout:1 attempts:1\n",
    }.With(("ISTIO_META_DNS_CAPTURE", "true"));

    private static Task<Dig> AskAsync(Pod pod, params string[] arguments) =>
        Dig.AskAsync(pod, Server, [.. arguments, "echo", "A"]);
}
