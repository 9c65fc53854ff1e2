using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;
using Ztunnel.InPod;
using Ztunnel.Linux;
using Ztunnel.Protos.Zds;
using Version = Ztunnel.Protos.Zds.Version;
using WorkloadInfo = Ztunnel.Identity.WorkloadInfo;

namespace Ztunnel.Tests.InPod;

public sealed class ZdsClientTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(30);

    [Fact]
    public void Connect_Accepted_SaysHelloFirst()
    {
        using ZdsAgent agent = new();
        using CancellationTokenSource never = new();
        using ZdsConnection connection = ZdsConnection.Open(agent.SocketPath, never.Token);
        connection.SayHello();

        Assert.Equal(Version.V1, agent.Accept().Version);
    }

    [Fact]
    public async Task Add_ThenSnapshot_RunsAndIsReady()
    {
        using InPodNode node = new();

        Assert.Equal("", node.Agent.Add("a", TestNamespace.OpenOwn()));
        Assert.False(node.HasReadinessNews);
        Assert.Equal("", node.Agent.EndSnapshot());

        Assert.True(await node.NextReadinessAsync());
        Assert.Equal(1, node.Pods.ActiveCount);
        Assert.Equal(new WorkloadInfo("a", "shop", "sa-a"), Assert.Single(node.Factory.Started).Info);
    }

    [Fact]
    public void Add_TwiceWithSameNamespace_RunsOneProxy()
    {
        using TestNamespace network = new();
        using InPodNode node = new();

        Assert.Equal("", node.Agent.Add("a", network.Open()));
        Assert.Equal("", node.Agent.Add("a", network.Open()));

        Assert.Single(node.Factory.Started);
        Assert.Equal(1, network.CountOpen());
    }

    [Fact]
    public async Task Add_OtherNamespace_ReplacesTheProxy()
    {
        using InPodNode node = new();
        using TestNamespace other = new();

        Assert.Equal("", node.Agent.Add("a", TestNamespace.OpenOwn()));
        Assert.Equal("", node.Agent.Add("a", other.Open()));

        RecordingProxy[] started = [.. node.Factory.Started];
        Assert.Equal(2, started.Length);
        Assert.False(await started[0].Stopped);
        Assert.False(started[1].Stopped.IsCompleted);
        Assert.NotEqual(started[0].Network, started[1].Network);
        Assert.Equal(1, node.Pods.ActiveCount);
        Assert.Equal((2, 1), (node.Pods.Started, node.Pods.Stopped));
    }

    [Fact]
    public async Task Add_PortConflictBeforeSnapshot_BecomesReadyWithoutFurtherMessages()
    {
        using InPodNode node = new(s_soon);
        node.Factory.Conflict = "Address already in use (os error 98)";

        Assert.Equal(
            "failure to start proxy : Address already in use (os error 98)",
            node.Agent.Add("a", TestNamespace.OpenOwn()));
        Assert.Equal("", node.Agent.EndSnapshot());
        Assert.Equal(1, node.Pods.PendingCount);
        Assert.Equal("", node.Agent.Delete("unknown"));
        Assert.Equal(1, node.SnapshotsServed); // as far as it can be
        Assert.False(node.HasReadinessNews);
        node.Factory.Conflict = null;

        Assert.True(await node.NextReadinessAsync());
        Assert.Equal((1, 0), (node.Pods.ActiveCount, node.Pods.PendingCount));
    }

    [Fact]
    public async Task Add_PortConflictAfterSnapshot_StaysReady()
    {
        using InPodNode node = new();
        node.Agent.EndSnapshot();
        Assert.True(await node.NextReadinessAsync());
        node.Factory.Conflict = "Address already in use (os error 98)";

        Assert.StartsWith("failure to start proxy : ", node.Agent.Add("a", TestNamespace.OpenOwn()));

        Assert.Equal("", node.Agent.Delete("unknown")); // answered after the failure was dealt with
        Assert.Equal(1, node.Pods.PendingCount);
        Assert.False(node.HasReadinessNews);
    }

    [Fact]
    public void Add_NotANetworkNamespace_IsRefused()
    {
        using InPodNode node = new();

        Assert.StartsWith("failure to start proxy : ", node.Agent.Add("a", File.OpenHandle("/proc/self/ns/uts")));
        Assert.StartsWith("failure to start proxy : ", node.Agent.Add("b", File.OpenHandle("/dev/null")));

        Assert.Equal(2, node.Pods.PendingCount);
        Assert.Empty(node.Factory.Started);
    }

    [Fact]
    public void Add_OwnNamespace_IsRefused()
    {
        using NetworkNamespace own = NetworkNamespace.Current();
        using InPodNode node = new(s_soon, (own.Id, "the proxy's own network namespace"));

        string answer = node.Agent.Add("a", TestNamespace.OpenOwn());

        Assert.Equal("failure to start proxy : the descriptor is the proxy's own network namespace", answer);
        Assert.Empty(node.Factory.Started);
    }

    [Fact]
    public void OfProcess_OwnNamespace_IsForbidden()
    {
        using NetworkNamespace own = NetworkNamespace.Current();

        Assert.NotNull(ForbiddenNamespaces.OfProcess().Find(own.Id));
    }

    [Fact]
    public void Add_NamespaceWithoutAnythingInIt_Works()
    {
        using InPodNode node = new();
        SafeFileHandle descriptor;
        using (TestNamespace gone = new())
        {
            descriptor = gone.Open();
        }

        Assert.Equal("", node.Agent.Add("a", descriptor));
    }

    [Fact]
    public async Task Add_AgainAfterConflictIsGone_ClearsPending()
    {
        using InPodNode node = new();
        node.Factory.Conflict = "taken";

        Assert.Equal("failure to start proxy : taken", node.Agent.Add("a", TestNamespace.OpenOwn()));
        node.Factory.Conflict = null;
        Assert.Equal("", node.Agent.Add("a", TestNamespace.OpenOwn()));
        Assert.Equal("", node.Agent.EndSnapshot());

        Assert.Equal(0, node.Pods.PendingCount);
        Assert.True(await node.NextReadinessAsync());
    }

    [Fact]
    public async Task Delete_Pending_IsReadyAfterSnapshot()
    {
        using InPodNode node = new();
        node.Factory.Conflict = "taken";

        Assert.Equal("failure to start proxy : taken", node.Agent.Add("a", TestNamespace.OpenOwn()));
        Assert.Equal("", node.Agent.Delete("a"));
        Assert.Equal("", node.Agent.EndSnapshot());

        Assert.True(await node.NextReadinessAsync());
        Assert.Empty(node.Pods.List());
    }

    [Fact]
    public async Task Reconnect_SnapshotWithoutThePod_StopsIt()
    {
        using InPodNode node = new();
        node.Agent.Add("a", TestNamespace.OpenOwn());
        node.Agent.EndSnapshot();
        Assert.True(await node.NextReadinessAsync());

        node.Agent.Disconnect();
        Assert.False(await node.NextReadinessAsync());
        node.Agent.Accept();
        Assert.False(Assert.Single(node.Factory.Started).Stopped.IsCompleted);
        Assert.Equal("", node.Agent.EndSnapshot());

        Assert.False(await node.Factory.Started.Single().Stopped);
        Assert.True(await node.NextReadinessAsync());
    }

    [Fact]
    public async Task Reconnect_Keep_LeavesTheProxyRunning()
    {
        using InPodNode node = new();
        node.Agent.Add("a", TestNamespace.OpenOwn());
        node.Agent.EndSnapshot();
        Assert.True(await node.NextReadinessAsync());

        node.Agent.Disconnect();
        node.Agent.Accept();
        Assert.Equal("", node.Agent.Keep("a"));
        Assert.Equal("", node.Agent.Keep("never seen"));
        Assert.Equal("", node.Agent.EndSnapshot());

        Assert.False(Assert.Single(node.Factory.Started).Stopped.IsCompleted);
        Assert.Equal(1, node.Pods.ActiveCount);
    }

    [Fact]
    public async Task Delete_BeforeSnapshot_StopsAtTheSnapshot()
    {
        using InPodNode node = new();

        Assert.Equal("", node.Agent.Add("a", TestNamespace.OpenOwn()));
        Assert.Equal("", node.Agent.Delete("a"));
        Assert.False(Assert.Single(node.Factory.Started).Stopped.IsCompleted);
        Assert.Equal("", node.Agent.EndSnapshot());

        Assert.False(await node.Factory.Started.Single().Stopped);
        Assert.Equal(0, node.Pods.ActiveCount);
    }

    [Fact]
    public async Task Delete_AfterSnapshot_StopsImmediately()
    {
        using TestNamespace network = new();
        using InPodNode node = new();
        node.Agent.Add("a", network.Open());
        node.Agent.EndSnapshot();

        Assert.Equal("", node.Agent.Delete("a"));
        Assert.Equal("", node.Agent.Delete("a"));

        Assert.False(await node.Factory.Started.Single().Stopped);
        Assert.Equal(0, network.CountOpen());
    }

    [Fact]
    public async Task Add_WithoutWorkloadInfo_IsFatal()
    {
        using InPodNode node = new();
        node.Agent.Add("a", TestNamespace.OpenOwn());

        Assert.Equal(
            "failure to process message : ProtocolError(\"add without workload info\")",
            node.Agent.Add("b", null, TestNamespace.OpenOwn()));

        await Assert.ThrowsAsync<ZdsProtocolException>(() => node.Running);
        Assert.False(node.Factory.Started.Single().Stopped.IsCompleted); // not drained
    }

    [Fact]
    public async Task Keep_AfterSnapshot_IsFatal()
    {
        using InPodNode node = new();
        node.Agent.EndSnapshot();

        Assert.StartsWith("failure to process message : ProtocolError(", node.Agent.Keep("a"));

        await Assert.ThrowsAsync<ZdsProtocolException>(() => node.Running);
    }

    [Fact]
    public async Task EndSnapshot_Twice_IsFatal()
    {
        using InPodNode node = new();
        node.Agent.EndSnapshot();

        Assert.StartsWith("failure to process message : ProtocolError(", node.Agent.EndSnapshot());

        await Assert.ThrowsAsync<ZdsProtocolException>(() => node.Running);
    }

    [Fact]
    public void Add_WithoutDescriptor_IsReadErrorAndReconnects()
    {
        using InPodNode node = new();

        Assert.Equal(
            "failure to read message : No control message",
            node.Agent.Add("a", new Protos.Zds.WorkloadInfo { Name = "a" }));

        Assert.Empty(node.Agent.Receive());
        node.Agent.Accept();
    }

    [Fact]
    public void Add_TwoDescriptors_IsReadErrorAndClosesBoth()
    {
        using TestNamespace network = new();
        using InPodNode node = new();

        Assert.Equal(
            "failure to read message : Expected 1 FD, got 2",
            node.Agent.Add("a", new() { Name = "a" }, network.Open(), network.Open()));

        Assert.Empty(node.Agent.Receive());
        Assert.Equal(0, network.CountOpen());
    }

    [Fact]
    public void Keep_WithDescriptor_IsReadErrorAndClosesIt()
    {
        using TestNamespace network = new();
        using InPodNode node = new();
        using (SafeFileHandle descriptor = network.Open())
        {
            Assert.Equal("failure to read message : Unexpected control message", node.Agent.Keep("a", descriptor));
        }

        Assert.Empty(node.Agent.Receive());
        Assert.Equal(0, network.CountOpen());
    }

    [Fact]
    public void Request_MoreDescriptorsThanRoom_IsReadErrorAndClosesAll()
    {
        using TestNamespace network = new();
        using InPodNode node = new();
        SafeFileHandle[] many = [.. Enumerable.Range(0, 100).Select(_ => network.Open())];

        Assert.StartsWith("failure to read message : ", node.Agent.Add("a", new() { Name = "a" }, many));

        Assert.Empty(node.Agent.Receive());
        Assert.Equal(0, network.CountOpen());
    }

    [Fact]
    public void Request_LongerThanTheBuffer_IsReadError()
    {
        using TestNamespace network = new();
        using InPodNode node = new();

        Assert.StartsWith(
            "failure to read message : ", node.Agent.Add(new string('a', 2000), new(), network.Open()));

        Assert.Empty(node.Agent.Receive());
        Assert.Equal(0, network.CountOpen());
    }

    [Fact]
    public void Request_WithoutPayload_IsReadError()
    {
        using InPodNode node = new();

        Assert.StartsWith("failure to read message : ", node.Agent.Ask([0x7A, 0x00])); // an unknown field alone

        Assert.Empty(node.Agent.Receive());
    }

    [Fact]
    public async Task Drain_PodsRunning_StopsThemGracefully()
    {
        using TestNamespace network = new();
        using InPodNode node = new();
        node.Agent.Add("a", network.Open());
        node.Agent.EndSnapshot();
        Assert.True(await node.NextReadinessAsync());

        await node.DrainAsync();

        Assert.True(await node.Factory.Started.Single().Stopped);
        Assert.False(node.HasReadinessNews);
        Assert.Equal(0, network.CountOpen());
    }

    [Fact]
    public async Task Connect_AgentComesLater_IsFound()
    {
        string directory = Directory.CreateTempSubdirectory("zds").FullName;
        string path = Path.Combine(directory, "later.sock");
        using CancellationTokenSource draining = new();
        PodRegistry pods = new(new RecordingFactory(), new ForbiddenNamespaces([]), NullLogger.Instance);
        ZdsClient client = new(
            new ZdsClientOptions(path), pods, _ => { }, new Random(1), NullLogger.Instance);
        Task running = client.RunAsync(draining.Token);

        using (SeqPacketSocket listener = SeqPacketSocket.Listen(path, 1))
        {
            Assert.True(listener.WaitReadable(TimeSpan.FromSeconds(10)));
        }

        await draining.CancelAsync();
        await running;
        Directory.Delete(directory, recursive: true);
    }
}
