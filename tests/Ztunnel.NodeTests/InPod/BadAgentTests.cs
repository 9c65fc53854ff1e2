using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.Win32.SafeHandles;
using Ztunnel.Lab;
using Ztunnel.Protos.Zds;

namespace Ztunnel.NodeTests.InPod;

/// <summary>What an agent may get wrong, and pods whose proxy cannot start: the others never notice.</summary>
public sealed class BadAgentTests(NodeLab lab) : IClassFixture<NodeLab>
{
    private const string NotStarted = "failure to start proxy : ";
    private const string NotRead = "failure to read message : ";
    private const string NotProcessed = "failure to process message : ";

    [Fact]
    public async Task Add_WithItsPortsTaken_IsRetriedUntilItWorks()
    {
        Pod pod = lab.AddPod();
        Pod innocent = lab.AddPod();
        using ZtunnelProcess proxy = lab.Start([innocent, pod], options => options with { SendsSnapshot = false });
        using ZdsConnection agent = await proxy.Zds.NextConnectionAsync();
        agent.Hello();
        using (pod.Occupy(15008))
        {
            Assert.Equal("", agent.Add(innocent));
            Assert.StartsWith(NotStarted, agent.Add(pod), StringComparison.Ordinal);
            Assert.Equal("", agent.EndSnapshot());

            await proxy.WaitForMetricsAsync(
                metrics => metrics.Sum("workload_manager_pending_proxy_count") == 1, "one pending");
            Assert.False(await proxy.IsReadyAsync());
            await lab.AssertServedAsync(innocent);
        }

        await SnapshotTests.ReadyAsync(proxy); // by itself
        await lab.AssertServedAsync(pod);
        Assert.Equal(0, (await proxy.MetricsAsync()).Sum("workload_manager_pending_proxy_count"));
    }

    [Fact]
    public async Task Add_FailingOnAReadyNode_LeavesItReadyAndCanBeTakenBack()
    {
        Pod pod = lab.AddPod();
        using ZtunnelProcess proxy = await lab
            .Start([], options => options with { Mesh = lab.Config(pod) }).ReadyAsync();
        using (pod.Occupy(15006))
        {
            Assert.StartsWith(NotStarted, proxy.Zds.Add(pod), StringComparison.Ordinal);
            Assert.True(await proxy.IsReadyAsync());
            Assert.Equal("", proxy.Zds.Delete(pod));
            await proxy.WaitForMetricsAsync(
                metrics => metrics.Sum("workload_manager_pending_proxy_count") == 0, "none pending");
            Assert.StartsWith(NotStarted, proxy.Zds.Add(pod), StringComparison.Ordinal);
        }

        Assert.Equal("", proxy.Zds.Current.Add(pod)); // at once, without waiting for the retry
        await lab.AssertServedAsync(pod);
    }

    [Theory]
    [InlineData("/dev/null")] // no namespace at all
    [InlineData("/proc/self/ns/mnt")] // a namespace, but not of the network
    [InlineData("node")] // the proxy's own
    public async Task Add_WithADescriptorNoPodCanHave_IsRefused(string path)
    {
        Pod pod = lab.AddPod();
        Pod innocent = lab.AddPod();
        using ZtunnelProcess proxy = await lab.Start([innocent], options => options with
        {
            Mesh = lab.Config(pod, innocent),
        }).ReadyAsync();
        using SafeFileHandle descriptor = File.OpenHandle(path == "node" ? proxy.Node.NetnsPath : path);

        Assert.StartsWith(NotStarted, proxy.Zds.Current.Add(pod, descriptor), StringComparison.Ordinal);

        await lab.AssertServedAsync(innocent);
        Assert.Equal("", proxy.Zds.Delete(pod));
        Assert.Equal("", proxy.Zds.Add(pod));
        await lab.AssertServedAsync(pod);
    }

    [HostNamespaceFact]
    public async Task Add_WithTheHostsNamespace_IsRefused()
    {
        Pod pod = lab.AddPod();
        using ZtunnelProcess proxy = await lab
            .Start([], options => options with { Mesh = lab.Config(pod) }).ReadyAsync();
        using SafeFileHandle host = File.OpenHandle(HostNamespaceFactAttribute.Path);

        Assert.StartsWith(NotStarted, proxy.Zds.Current.Add(pod, host), StringComparison.Ordinal);
    }

    public static TheoryData<string> Unreadable =>
    [
        "no descriptor", "two descriptors", "descriptor with another message", "no message", "truncated", "oversized",
        "no payload",
    ];

    [Theory, MemberData(nameof(Unreadable))]
    public async Task Packet_ThatCannotBeRead_EndsTheConnectionAndNothingElse(string what)
    {
        Pod pod = lab.AddPod();
        using ZtunnelProcess proxy = await lab.Start([pod]).ReadyAsync();
        await proxy.Zds.NextConnectionAsync(); // the one there is
        using AppServer echo = AppServer.Echo(pod);
        using EchoClient client = await EchoClient.ConnectAsync(lab.Outside, pod.V4, echo.Port);
        await client.ExchangeAsync();
        int before = ProcessUsage.Namespaces(proxy.Id);
        Assert.True(before > 0);

        string error = Send(proxy.Zds.Current, what, pod);

        Assert.StartsWith(NotRead, error, StringComparison.Ordinal);
        await proxy.Zds.NextConnectionAsync(); // it came again, and got its snapshot
        await SnapshotTests.ReadyAsync(proxy);
        await client.ExchangeAsync();
        await lab.AssertServedAsync(pod);
        await Patience.UntilAsync(() => ProcessUsage.Namespaces(proxy.Id) <= before, "what was received to be closed");
    }

    [Theory]
    [InlineData("add without workload")]
    [InlineData("keep after the snapshot")]
    [InlineData("second snapshot")]
    public async Task Request_AgainstTheProtocol_EndsTheProcess(string what)
    {
        Pod pod = lab.AddPod();
        using ZtunnelProcess proxy = await lab.Start([pod]).ReadyAsync();
        ZdsConnection agent = proxy.Zds.Current;
        using SafeFileHandle network = File.OpenHandle(pod.NetnsPath);

        string error = what switch
        {
            "add without workload" => agent.Ask(new WorkloadRequest { Add = new AddWorkload { Uid = "x" } }, network),
            "keep after the snapshot" => agent.Keep(pod.ZdsUid),
            _ => agent.EndSnapshot(),
        };

        Assert.StartsWith(NotProcessed, error, StringComparison.Ordinal);
        Assert.Equal(1, await proxy.ExitAsync());
        await proxy.Log.WaitForAsync("\terror\t", "WorkloadProxyManager run error");
    }

    private static string Send(ZdsConnection agent, string what, Pod pod)
    {
        WorkloadRequest add = new()
        {
            Add = new AddWorkload
            {
                Uid = pod.ZdsUid,
                WorkloadInfo = new WorkloadInfo { Name = pod.Name, Namespace = "default", ServiceAccount = pod.Name },
            },
        };
        using SafeHandle first = File.OpenHandle(pod.NetnsPath);
        using SafeHandle second = File.OpenHandle(pod.NetnsPath);
        switch (what)
        {
            case "no descriptor":
                return agent.Ask(add);
            case "two descriptors":
                return agent.Ask(add, first, second);
            case "descriptor with another message":
                return agent.Ask(new WorkloadRequest { Del = new DelWorkload { Uid = "nobody" } }, first);
            case "no message":
                return agent.Ask([0xff, 0xff, 0xff]);
            case "truncated":
                return agent.Ask(add.ToByteArray().AsSpan(..^5), first);
            case "oversized":
                add.Add.Uid = new string('u', 2000);
                return agent.Ask(add, first);
            default:
                return agent.Ask([0x78, 1]); // only a field of a later version; no bytes at all would be an end
        }
    }
}
