using Ztunnel.Linux;
using Ztunnel.Protos.Discovery;
using Ztunnel.State;
using Ztunnel.Xds;

namespace Ztunnel.Tests.Xds;

public sealed class OnDemandTests
{
    private const string ByAddress = "/10.0.0.1";
    private const string Uid = "c1//Pod/shop/a";

    private readonly IntakeLab _lab = new(isOnDemand: true);

    [Theory]
    [InlineData(ByAddress)]
    [InlineData(Uid)]
    public async Task FetchAsync_AnsweredByNameOrAlias_IsReleasedWithTheStateInPlace(string name)
    {
        _lab.Connect();
        Task<Workload?> found = FetchAndFindAsync(name);
        Assert.Equal(
            new DeltaDiscoveryRequest { TypeUrl = XdsTypes.Address, ResourceNamesSubscribe = { name } },
            Assert.Single(_lab.Sent()));
        Assert.False(found.IsCompleted);

        _lab.Answer(WireMesh.Addresses("1", PodWithAlias()));

        Assert.NotNull(await found);
    }

    [Fact]
    public async Task FetchAsync_NotThere_IsReleasedByTheRemoval()
    {
        _lab.Connect();
        Task<Workload?> found = FetchAndFindAsync(ByAddress);

        _lab.Answer(new DeltaDiscoveryResponse { TypeUrl = XdsTypes.Address, RemovedResources = { ByAddress } });

        Assert.Null(await found);
    }

    [Fact]
    public async Task FetchAsync_SeveralWaiters_ShareOneRequest()
    {
        _lab.Connect();
        Task<Workload?>[] found = [.. Enumerable.Range(0, 5).Select(_ => FetchAndFindAsync(ByAddress))];
        Assert.Single(_lab.Sent());

        _lab.Answer(WireMesh.Addresses("1", PodWithAlias()));

        Assert.All(await Task.WhenAll(found), Assert.NotNull);
    }

    [Fact]
    public async Task FetchAsync_NoAnswer_EndsAtTheDeadlineAndAsksAgainLater()
    {
        _lab.Connect();
        Task<Workload?> found = FetchAndFindAsync(ByAddress);
        _lab.Sent();

        _lab.Clock.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(found.IsCompleted);
        Task<bool> isAnswered = _lab.Fetches.FetchAsync(ByAddress, CancellationToken.None);
        _lab.Clock.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Null(await found);
        Assert.False(await isAnswered);

        Task<Workload?> again = FetchAndFindAsync(ByAddress);
        Assert.Single(_lab.Sent());
        _lab.Answer(WireMesh.Addresses("1", PodWithAlias()));
        Assert.NotNull(await again);
    }

    [Fact]
    public async Task FetchAsync_OneWaiterGivesUp_TheOthersWaitOn()
    {
        _lab.Connect();
        using CancellationTokenSource impatient = new();
        Task first = _lab.Fetches.FetchAsync(ByAddress, impatient.Token);
        Task<Workload?> second = FetchAndFindAsync(ByAddress);

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _lab.Answer(WireMesh.Addresses("1", PodWithAlias()));

        Assert.NotNull(await second);
    }

    [Fact]
    public async Task FetchAsync_WhileDisconnected_IsAskedByTheNextStream()
    {
        Task<Workload?> found = FetchAndFindAsync(ByAddress);

        DeltaDiscoveryRequest request = _lab.Connect().Dequeue();

        Assert.Equal("", Assert.Single(request.InitialResourceVersions, entry => entry.Key == ByAddress).Value);
        _lab.Answer(WireMesh.Addresses("1", PodWithAlias("v1")));
        Assert.NotNull(await found);
        _lab.Disconnect();
        KeyValuePair<string, string> kept = Assert.Single(_lab.Connect().Dequeue().InitialResourceVersions);
        Assert.Equal(new(Uid, "v1"), kept);
    }

    [Fact]
    public async Task FetchAsync_AnswerWithoutTheName_ReleasesNobody()
    {
        _lab.Connect();
        Task<Workload?> found = FetchAndFindAsync("/10.0.0.99");

        _lab.Answer(WireMesh.Addresses("1", PodWithAlias()));
        _lab.Answer(
            new DeltaDiscoveryResponse { TypeUrl = XdsTypes.Authorization, RemovedResources = { "/10.0.0.99" } });

        Assert.False(found.IsCompleted);
        _lab.Clock.Advance(TimeSpan.FromSeconds(5));
        await found;
    }

    private static Resource PodWithAlias(string version = "1")
    {
        Resource pod = WireMesh.Pod("a", "10.0.0.1", version);
        pod.Aliases.Add(ByAddress);
        return pod;
    }

    // As a connection does it: wait, then look.
    private async Task<Workload?> FetchAndFindAsync(string name)
    {
        await _lab.Fetches.FetchAsync(name, CancellationToken.None);
        return _lab.Mesh.Current.FindWorkload(new NetworkAddress("", InetAddress.Parse("10.0.0.1")));
    }
}
