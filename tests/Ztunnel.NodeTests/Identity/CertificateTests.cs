using System.Net.Sockets;
using Grpc.Core;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Identity;

/// <summary>
/// A CA that is down, slow or lies: never plaintext, never a call as somebody else, and recovery without a restart.
/// </summary>
public sealed class CertificateTests(NodeLab lab) : IClassFixture<NodeLab>
{
    private static readonly Dictionary<string, CaAnswer> s_lies = new()
    {
        ["down"] = CaAnswers.Refusal(StatusCode.Unavailable),
        ["refusing"] = CaAnswers.Refusal(StatusCode.PermissionDenied),
        ["wrong key"] = CaAnswers.WrongKey,
        ["wrong identity"] = CaAnswers.WrongIdentity,
        ["expired"] = CaAnswers.Expired,
        ["not yet valid"] = CaAnswers.NotYetValid,
        ["no root"] = CaAnswers.NoRoot,
        ["empty"] = CaAnswers.Empty,
        ["garbage"] = CaAnswers.Garbage,
    };

    public static TheoryData<string> Lies => [.. s_lies.Keys];

    [Theory, MemberData(nameof(Lies))]
    public async Task Ca_ThatDoesNotHelpTheCaller_FailsItsCallsUntilItDoes(string how)
    {
        (Pod client, Pod innocent, Pod server) = (lab.AddPod(), lab.AddPod(), lab.AddPod());
        lab.Ca.AnswerFor[client.SpiffeId] = s_lies[how];
        using ZtunnelProcess proxy = await lab.Start([client, innocent, server]).ReadyAsync();
        using AppServer echo = AppServer.Echo(server);

        using (EchoClient refused = await EchoClient.ConnectAsync(client, server.V4, echo.Port))
        {
            await Patience.ForAsync(Apps.ReadToEndAsync(refused.Socket), "the call to fail");
        }

        Assert.Empty(echo.Callers); // never plaintext
        await EchoClient.OnceAsync(innocent, server.V4, echo.Port);
        await proxy.WaitForMetricsAsync(
            metrics => metrics.Sum(
                "istio_tcp_connections_closed_total",
                ("source_workload", client.Name),
                ("response_flags", "IDENTITY_ERROR")) >= 1,
            "the failure to be counted");
        lab.Ca.AnswerFor[client.SpiffeId] = CaAnswers.Good;
        await Patience.UntilAsync(() => IsServedAsync(client, server, echo), "the call to be served");
    }

    [Fact]
    public async Task Ca_ThatDoesNotHelpTheServer_FailsCallsToItUntilItDoes()
    {
        (Pod client, Pod server) = (lab.AddPod(), lab.AddPod());
        lab.Ca.AnswerFor[server.SpiffeId] = CaAnswers.WrongIdentity;
        using ZtunnelProcess proxy = await lab.Start([client, server]).ReadyAsync();
        using AppServer echo = AppServer.Echo(server);

        Assert.False(await IsServedAsync(client, server, echo));

        Assert.Empty(echo.Callers);
        lab.Ca.AnswerFor[server.SpiffeId] = CaAnswers.Good;
        await Patience.UntilAsync(() => IsServedAsync(client, server, echo), "the call to be served");
    }

    [Fact]
    public async Task Ca_ThatIsSlow_HoldsUpOnlyWhoWaitsForIt()
    {
        (Pod client, Pod innocent, Pod server) = (lab.AddPod(), lab.AddPod(), lab.AddPod());
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lab.Ca.AnswerFor[client.SpiffeId] = CaAnswers.After(gate.Task);
        using ZtunnelProcess proxy = await lab.Start([client, innocent, server]).ReadyAsync();
        using AppServer echo = AppServer.Echo(server);

        using EchoClient waiting = await EchoClient.ConnectAsync(client, server.V4, echo.Port);
        Task exchange = waiting.ExchangeAsync();
        await EchoClient.OnceAsync(innocent, server.V4, echo.Port);
        Assert.False(exchange.IsCompleted);
        gate.SetResult();

        await exchange;
    }

    [Fact]
    public async Task Rotation_UnderLoad_BreaksNoConnection()
    {
        (Pod client, Pod server) = (lab.AddPod(), lab.AddPod());
        CaAnswer shortLived = CaAnswers.ShortLived(TimeSpan.FromSeconds(5));
        lab.Ca.AnswerFor[client.SpiffeId] = shortLived;
        lab.Ca.AnswerFor[server.SpiffeId] = shortLived;
        using ZtunnelProcess proxy = await lab
            .Start([client, server], options => options.With(("SECRET_TTL", "5s"))).ReadyAsync();
        using AppServer echo = AppServer.Echo(server);
        using EchoClient open = await EchoClient.ConnectAsync(client, server.V4, echo.Port);

        int calls = 0;
        while (Signed(client) < 4 || Signed(server) < 4)
        {
            await open.ExchangeAsync(10_000);
            await EchoClient.OnceAsync(client, server.V4, echo.Port);
            calls++;
        }

        Assert.True(calls > 10);
        Assert.DoesNotContain(proxy.Log.Lines(), line => line.Contains("\terror\taccess", StringComparison.Ordinal));
        Assert.All(
            lab.Ca.Calls.Where(call => call.SpiffeId == client.SpiffeId),
            call => Assert.Equal(5, call.ValiditySeconds));
    }

    [Fact]
    public async Task Token_ReplacedInItsFile_IsReadAgain()
    {
        (Pod before, Pod after) = (lab.AddPod(), lab.AddPod());
        string file = Path.Combine(lab.Network.Folder, Guid.NewGuid().ToString("N"));
        await File.WriteAllTextAsync(file, "first-token\n");
        using ZtunnelProcess proxy = await lab.Start([before], options => options.With(("AUTH_TOKEN", file)) with
        {
            Mesh = lab.Config(before, after),
        }).ReadyAsync();
        await lab.AssertServedAsync(before);
        await Patience.UntilAsync(() => Signed(before) > 0, "the first certificate");

        await File.WriteAllTextAsync(file, "second-token");
        Assert.Equal("", proxy.Zds.Add(after));
        using AppServer echo = AppServer.Echo(before);
        await EchoClient.OnceAsync(after, before.V4, echo.Port);

        Assert.All(HeadersOf(before), headers => Assert.Equal("Bearer first-token", headers.GetValue("authorization")));
        Assert.NotEmpty(HeadersOf(after));
        Assert.All(HeadersOf(before), headers => Assert.Equal("Kubernetes", headers.GetValue("clusterid")));
    }

    private int Signed(Pod pod) => lab.Ca.Calls.Count(call => call.SpiffeId == pod.SpiffeId);

    private IEnumerable<Metadata> HeadersOf(Pod pod) =>
        lab.Ca.Calls.Where(call => call.SpiffeId == pod.SpiffeId).Select(call => call.Headers);

    private static async Task<bool> IsServedAsync(Pod from, Pod to, AppServer echo)
    {
        try
        {
            await EchoClient.OnceAsync(from, to.V4, echo.Port);
            return true;
        }
        catch (Exception refused) when (refused is SocketException or EndOfStreamException)
        {
            return false;
        }
    }
}
