using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Ztunnel.Lab;
using Ztunnel.NodeTests.Http2;

namespace Ztunnel.NodeTests.Lifecycle;

/// <summary>How a proxy leaves.</summary>
public sealed class DrainTests(NodeLab lab) : IClassFixture<NodeLab>
{
    private const int LastPossibleStream = int.MaxValue;

    private readonly Pod _client = lab.AddPod();
    private readonly Pod _server = lab.AddPod();

    [Theory]
    [InlineData(PosixSignal.SIGTERM)]
    [InlineData(PosixSignal.SIGINT)]
    public async Task Signal_WithOpenConnections_LetsThemFinishAndRefusesNewOnes(PosixSignal signal)
    {
        using ZtunnelProcess proxy = await StartAsync("60s");
        using AppServer echo = AppServer.Echo(_server);
        using EchoClient tunnelled = await OpenAsync(_client, echo);
        using EchoClient plain = await OpenAsync(lab.Outside, echo);

        proxy.Signal(signal);

        await RefusedAsync(echo);
        await tunnelled.ExchangeAsync(100_000);
        await plain.ExchangeAsync(100_000);
        tunnelled.Dispose();
        plain.Dispose();
        Assert.Equal(0, await proxy.ExitAsync()); // long before the deadline, or the wait would fail
        await proxy.Log.WaitForAsync("shutdown complete");
    }

    [Fact]
    public async Task Deadline_WithOpenConnections_ClosesThemAndExits()
    {
        using ZtunnelProcess proxy = await StartAsync("1s");
        using AppServer echo = AppServer.Echo(_server);
        using EchoClient tunnelled = await OpenAsync(_client, echo);
        using EchoClient plain = await OpenAsync(lab.Outside, echo);
        long start = Stopwatch.GetTimestamp();

        proxy.Signal(PosixSignal.SIGTERM);

        await Patience.ForAsync(Apps.ReadToEndAsync(tunnelled.Socket), "the tunnelled connection to be closed");
        await Patience.ForAsync(Apps.ReadToEndAsync(plain.Socket), "the plain connection to be closed");
        Assert.True(Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(0.9), "closed before the deadline");
        Assert.Equal(0, await proxy.ExitAsync());
        await proxy.Log.WaitForAsync(
            "\twarn\t", "drain duration expired with pending connections, forcefully shutting down");
    }

    [Fact]
    public async Task Interrupt_ASecondTime_ExitsAtOnce()
    {
        using ZtunnelProcess proxy = await StartAsync("1h");
        using AppServer echo = AppServer.Echo(_server);
        using EchoClient client = await OpenAsync(_client, echo);

        proxy.Signal(PosixSignal.SIGINT);
        await RefusedAsync(echo);
        await client.ExchangeAsync();
        proxy.Signal(PosixSignal.SIGINT);

        Assert.Equal(0, await proxy.ExitAsync());
    }

    [Fact]
    public async Task QuitQuitQuit_Posted_DrainsAndExits()
    {
        using ZtunnelProcess proxy = await StartAsync("60s");
        using (HttpResponseMessage wrong = await proxy.SendAsync(HttpMethod.Get, ZtunnelProcess.AdminPort, "/quitquitquit"))
        {
            Assert.Equal(405, (int)wrong.StatusCode);
        }

        using HttpResponseMessage answer = await proxy.PostAdminAsync("/quitquitquit");

        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal("shutdown now\n", await answer.Content.ReadAsStringAsync());
        Assert.Equal(0, await proxy.ExitAsync());
    }

    [Fact]
    public async Task Goaway_ToAnIndependentClient_ComesInTwoStepsAndItsStreamsGoOn()
    {
        using ZtunnelProcess proxy = await StartAsync("60s");
        using AppServer echo = AppServer.Echo(_server);
        using Http2Client client = Http2Client.Start(lab.Network, lab.Outside, _server.V4, lab.Ca.Root.Issue(_client));
        int stream = await client.ConnectAsync($"{_server.V4}:{echo.Port}");
        Assert.Equal(200, (await client.WaitAsync("response", stream)).Code);

        proxy.Signal(PosixSignal.SIGTERM);

        Http2Event first = await client.WaitAsync("goaway", LastPossibleStream);
        Http2Event second = await client.WaitAsync("goaway", stream);
        Assert.Equal((0, 0), (first.Code, second.Code));
        client.Send(stream, "after both");
        await client.WaitForTextAsync(stream, "after both");
        client.Send(stream, "", end: true);
        await client.WaitAsync("ended", stream);
        await client.WaitAsync("closed");
        Assert.Equal(0, await proxy.ExitAsync());
    }

    [Fact]
    public async Task Goaway_ToAnIdleClient_ClosesItsConnection()
    {
        using ZtunnelProcess proxy = await StartAsync("60s");
        using Http2Client client = Http2Client.Start(lab.Network, lab.Outside, _server.V4, lab.Ca.Root.Issue(_client));
        await client.WaitAsync("settings");

        proxy.Signal(PosixSignal.SIGTERM);

        await client.WaitAsync("goaway", LastPossibleStream);
        await client.WaitAsync("closed");
        Assert.Equal(0, await proxy.ExitAsync());
    }

    private Task<ZtunnelProcess> StartAsync(string deadline) => lab
        .Start([_client, _server], options => options.With(("CONNECTION_TERMINATION_DEADLINE", deadline)))
        .ReadyAsync();

    private async Task<EchoClient> OpenAsync(Pod from, AppServer echo)
    {
        EchoClient client = await EchoClient.ConnectAsync(from, _server.V4, echo.Port);
        await client.ExchangeAsync();
        return client;
    }

    private Task RefusedAsync(AppServer echo) => Patience.UntilAsync(
        async () =>
        {
            try
            {
                await EchoClient.OnceAsync(lab.Outside, _server.V4, echo.Port);
                return false; // accepted before the drain began
            }
            catch (Exception refused) when (refused is SocketException or EndOfStreamException)
            {
                return true;
            }
        },
        "new connections to be refused");
}
