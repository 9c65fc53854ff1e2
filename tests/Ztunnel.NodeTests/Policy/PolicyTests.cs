using System.Net.Sockets;
using Ztunnel.Lab;
using Ztunnel.NodeTests.Http2;

namespace Ztunnel.NodeTests.Policy;

/// <summary>Policies that change under running connections.</summary>
public sealed class PolicyTests(PolicyMesh mesh) : IClassFixture<PolicyMesh>, IAsyncLifetime
{
    private readonly PolicyMesh _mesh = mesh;
    private readonly AppServer _echo = AppServer.Echo(mesh.Server);

    private ZtunnelProcess ServerProxy => _mesh.Mesh.ServerProxy;

    private string Echo => $"{_mesh.Server.V4}:{_echo.Port}";

    // Whatever the test before left.
    public Task InitializeAsync() => _mesh.Mesh.RewriteAsync(_mesh.Mesh.Config());

    public Task DisposeAsync()
    {
        _echo.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Deny_OfACaller_ClosesItsOpenConnectionAndRefusesNewOnes()
    {
        using EchoClient denied = await OpenAsync(_mesh.Client);
        using EchoClient innocent = await OpenAsync(_mesh.Other);

        await _mesh.Mesh.RewriteAsync(_mesh.Mesh.Config().Deny(_mesh.Client));

        await ClosedAsync(denied);
        await ServerProxy.Log.WaitForAsync(
            Echo, "src.workload=\"client\"", "error=\"connection closed due to policy change\"");
        await innocent.ExchangeAsync();
        await AssertRefusedAsync(_mesh.Client);
        await ServerProxy.Log.WaitForAsync(
            "\terror\t", Echo, "connection closed due to policy rejection: explicitly denied by: default/deny-client");
        await _mesh.Mesh.ClientProxy.Log.WaitForAsync("\terror\t", Echo, "error=\"http status: 401 Unauthorized\"");
        await innocent.ExchangeAsync();
        MetricsText metrics = await ServerProxy.MetricsAsync();
        Assert.True(metrics.Sum(
            "istio_tcp_connections_closed_total", ("source_workload", "client"), ("response_flags", "DENY")) >= 2);
        Assert.Equal(0, metrics.Sum(
            "istio_tcp_connections_closed_total", ("source_workload", "other"), ("response_flags", "DENY")));
    }

    [Fact]
    public async Task Allow_OfOneCaller_LeavesOnlyThatOne()
    {
        using EchoClient allowed = await OpenAsync(_mesh.Client);
        using EchoClient other = await OpenAsync(_mesh.Other);
        using EchoClient outside = await OpenAsync(_mesh.Outside);

        await _mesh.Mesh.RewriteAsync(_mesh.Mesh.Config().AllowOnly(_mesh.Client));

        await ClosedAsync(other);
        await ClosedAsync(outside);
        await allowed.ExchangeAsync();
        await AssertRefusedAsync(_mesh.Other);
        await AssertRefusedAsync(_mesh.Outside);
        await ServerProxy.Log.WaitForAsync(Echo, "src.workload=\"outside\"", "allow policies exist, but none allowed");
        await allowed.ExchangeAsync();
        await EchoClient.OnceAsync(_mesh.Client, _mesh.Server.V4, _echo.Port);
    }

    [Fact]
    public async Task Strict_MutualTls_ClosesWhatIsPlainAndNothingElse()
    {
        using EchoClient tunnelled = await OpenAsync(_mesh.Client);
        using EchoClient plain = await OpenAsync(_mesh.Outside);
        int callers = _echo.Callers.Count;

        await _mesh.Mesh.RewriteAsync(_mesh.Mesh.Config().RequireMutualTls());

        await ClosedAsync(plain);
        await AssertRefusedAsync(_mesh.Outside);
        await tunnelled.ExchangeAsync();
        Assert.Equal(callers, _echo.Callers.Count); // the application never heard of the refused call
    }

    [Fact]
    public async Task DryRun_Deny_IsOnlyTold()
    {
        using EchoClient client = await OpenAsync(_mesh.Client);

        await _mesh.Mesh.RewriteAsync(_mesh.Mesh.Config().Deny(_mesh.Client, policy => policy["dryRun"] = true));

        await CallUntilAsync(() => ServerProxy.Log.Lines().Any(
            line => line.Contains("dry-run: deny policy match", StringComparison.Ordinal)));
        await client.ExchangeAsync();
    }

    [Fact]
    public async Task Workload_ThatGetsAPolicyOfItsOwn_IsCheckedAgain()
    {
        await _mesh.Mesh.RewriteAsync(Selected(applies: false));
        using EchoClient client = await OpenAsync(_mesh.Client);
        await client.ExchangeAsync();

        await _mesh.Mesh.RewriteAsync(Selected(applies: true)); // the same policies; only the workload changes

        await ClosedAsync(client);
        await AssertRefusedAsync(_mesh.Client);
    }

    [Fact]
    public async Task Connect_OfADeniedIdentity_Gets401FromAnIndependentClientsView()
    {
        await _mesh.Mesh.RewriteAsync(_mesh.Mesh.Config().Deny(_mesh.Other));
        await AssertRefusedAsync(_mesh.Other);
        using Http2Client denied = Connect(_mesh.Other);
        using Http2Client allowed = Connect(_mesh.Client);

        int refused = await denied.ConnectAsync(Echo);
        int served = await allowed.ConnectAsync(Echo);

        Assert.Equal(401, (await denied.WaitAsync("response", refused)).Code);
        Assert.Equal(200, (await allowed.WaitAsync("response", served)).Code);
    }

    [Fact]
    public async Task Connect_ToAPodThatIsNoLongerKnown_Gets503()
    {
        using Http2Client client = Connect(_mesh.Client);
        int before = await client.ConnectAsync(Echo);
        Assert.Equal(200, (await client.WaitAsync("response", before)).Code);

        await _mesh.Mesh.RewriteAsync(new MeshConfig().Add(_mesh.Client).Add(_mesh.Outside));
        int after = await client.ConnectAsync(Echo);

        Assert.Equal(503, (await client.WaitAsync("response", after)).Code);
        await ServerProxy.Log.WaitForAsync("failed to fetch information about local workload: server.default (server)");
    }

    private Http2Client Connect(Pod identity) => Http2Client.Start(
        _mesh.Mesh.Network, _mesh.Outside, _mesh.Server.V4, _mesh.Mesh.Ca.Root.Issue(identity));

    private MeshConfig Selected(bool applies) => new MeshConfig()
        .Add(_mesh.Client)
        .Add(_mesh.Other)
        .Add(_mesh.Outside)
        .Add(_mesh.Server, change: workload => workload["authorizationPolicies"] =
            applies ? new[] { "default/deny-client" } : Array.Empty<string>())
        .Deny(_mesh.Client, policy => policy["scope"] = "WorkloadSelector");

    private async Task<EchoClient> OpenAsync(Pod from)
    {
        EchoClient client = await EchoClient.ConnectAsync(from, _mesh.Server.V4, _echo.Port);
        await client.ExchangeAsync();
        return client;
    }

    private Task CallUntilAsync(Func<bool> told) => Patience.UntilAsync(
        async () =>
        {
            await EchoClient.OnceAsync(_mesh.Client, _mesh.Server.V4, _echo.Port);
            return told();
        },
        "a log line about a call");

    private async Task AssertRefusedAsync(Pod from)
    {
        using EchoClient client = await EchoClient.ConnectAsync(from, _mesh.Server.V4, _echo.Port);
        Assert.False(await AnswersAsync(client), $"{from.Name} was served");
    }

    private static async Task<bool> AnswersAsync(EchoClient client)
    {
        try
        {
            await client.ExchangeAsync();
            return true;
        }
        catch (Exception end) when (end is EndOfStreamException or SocketException)
        {
            return false; // closed instead of answered
        }
    }

    private async Task ClosedAsync(EchoClient client)
    {
        Task<StreamEnd> end = Apps.ReadToEndAsync(client.Socket);
        await Patience.UntilAsync(
            () => Task.FromResult(end.IsCompleted),
            () => $"the connection to be closed; the server's proxy said\n{ServerProxy.Log.Tail()}");
    }
}
