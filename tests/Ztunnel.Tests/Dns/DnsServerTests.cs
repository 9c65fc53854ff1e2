using System.Net.Sockets;
using Ztunnel.Dns;
using Ztunnel.Dns.Messages;
using Ztunnel.Tests.Dns.Messages;

namespace Ztunnel.Tests.Dns;

/// <summary>Answers from the mesh over real sockets, and what becomes of messages that are none.</summary>
public sealed class DnsServerTests
{
    [Fact]
    public async Task Ask_NameOfTheMesh_IsAnswered()
    {
        await using DnsLab lab = new("");
        await lab.StartAsync();

        Wire.Answer answer = await lab.AskAsync("Echo");

        Assert.Equal(["echo. 30 A 10.96.0.10"], answer.Records);
        Assert.Equal("Echo.", answer.Question);
        Assert.Contains(
            "debug\tdns\tsrc.workload=\"client\" src.namespace=\"default\" query=\"A\" domain=\"echo.\" "
            + "result=\"success\" endpoints=1\n",
            lab.Log,
            StringComparison.Ordinal);
        Assert.Contains(
            "istio_dns_requests_total{request_query_type=\"a\",request_protocol=\"udp\","
            + "source_canonical_service=\"client\",source_canonical_revision=\"v1\"} 1\n",
            await lab.MetricsAsync(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo")]
    [InlineData("ECHO.default.default.svc.cluster.local")] // behind an alias
    [InlineData("many")]
    public async Task Handle_NameOfTheMesh_AllocatesNothing(string name)
    {
        await using DnsLab lab = new("search default.svc.cluster.local\n", log: "info");

        long allocated = await lab.AllocatedAsync(Wire.Query(name, payload: 1232), rounds: 1000);

        Assert.InRange(allocated, 0, 999); // less than a byte each: the runtime's own, once
    }

    [Theory]
    [InlineData(null, 512, 30)]
    [InlineData(1232, 1232, 74)]
    [InlineData(4096, 4096, 253)]
    public async Task Ask_ManyAddressesOverUdp_FillsWhatTheClientTakes(int? payload, int limit, int answers)
    {
        await using DnsLab lab = new("");
        await lab.StartAsync();

        byte[] answer = await lab.AskAsync(Wire.Query("many", payload: (ushort?)payload));

        Assert.InRange(answer.Length, 1, limit);
        Assert.Equal(answers, DnsHeader.Read(answer).Answers);
        Assert.True(DnsHeader.Read(answer).Flags.HasFlag(DnsFlags.Truncated));
    }

    [Fact]
    public async Task Ask_OverTcpPipelined_EveryQueryIsAnswered()
    {
        await using DnsLab lab = new("");
        await lab.StartAsync();
        using NetworkStream stream = await lab.ConnectAsync();
        byte[] queries = [.. Enumerable.Range(0, 500).SelectMany(id => DnsLab.Framed(Wire.Query("many", id: (ushort)id)))];

        Task sending = stream.WriteAsync(queries).AsTask();

        for (ushort id = 0; id < 500; id++)
        {
            byte[] answer = await DnsLab.ReadFrameAsync(stream);
            Assert.Equal((id, 256), (DnsHeader.Read(answer).Id, DnsHeader.Read(answer).Answers));
        }

        await sending;
    }

    [Fact]
    public async Task Ask_OverTcpByteByByte_IsAnswered()
    {
        await using DnsLab lab = new("");
        await lab.StartAsync();
        using NetworkStream stream = await lab.ConnectAsync();

        foreach (byte b in DnsLab.Framed(Wire.Query("echo")))
        {
            await stream.WriteAsync((byte[])[b]);
        }

        Assert.Equal(["echo. 30 A 10.96.0.10"], Wire.Read(await DnsLab.ReadFrameAsync(stream)).Records);
    }

    [Fact]
    public async Task Tcp_ClientThatEndsItsSide_HasItsAnswersFirst()
    {
        await using DnsLab lab = new("");
        await lab.StartAsync();
        using NetworkStream stream = await lab.ConnectAsync();
        await stream.WriteAsync(DnsLab.Framed(Wire.Query("echo")));
        stream.Socket.Shutdown(SocketShutdown.Send);

        await DnsLab.ReadFrameAsync(stream);

        Assert.Equal(0, await stream.ReadAsync(new byte[1]).AsTask().WaitAsync(DnsLab.Patience));
    }

    [Fact]
    public async Task Tcp_IdleOrNeverDone_IsClosedAfterFiveSeconds()
    {
        await using DnsLab lab = new("");
        await lab.StartAsync();
        using NetworkStream idle = await lab.ConnectAsync();
        using NetworkStream slow = await lab.ConnectAsync();
        await slow.WriteAsync((byte[])[0, 40, 1, 2, 3]);

        Assert.Equal(0, await idle.ReadAsync(new byte[1]).AsTask().WaitAsync(DnsLab.Patience));
        Assert.Equal(0, await slow.ReadAsync(new byte[1]).AsTask().WaitAsync(DnsLab.Patience));
    }

    [Fact]
    public async Task Tcp_ConnectionsOverTheLimit_AreClosedAndCounted()
    {
        await using DnsLab lab = new("", config => config with { Dns = config.Dns with { MaxConnectionsPerPod = 2 } });
        await lab.StartAsync();
        using NetworkStream one = await lab.ConnectAsync();
        using NetworkStream two = await lab.ConnectAsync();
        await two.WriteAsync(DnsLab.Framed(Wire.Query("echo")));
        await DnsLab.ReadFrameAsync(two);

        Exception refused = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using NetworkStream three = await lab.ConnectAsync(); // may notice it here already
            await three.ReadExactlyAsync(new byte[1]).AsTask().WaitAsync(DnsLab.Patience);
        });

        Assert.True(refused is IOException or SocketException, refused.ToString());
        Assert.Contains(
            "ztunnel_dns_refused_total{limit=\"pod_connections\"} 1\n", await lab.MetricsAsync(), StringComparison.Ordinal);
        await one.WriteAsync(DnsLab.Framed(Wire.Query("echo")));
        await DnsLab.ReadFrameAsync(one);
    }

    [Fact]
    public async Task Tcp_ClientThatDoesNotRead_HoldsNoMoreThanItsBound()
    {
        await using DnsLab lab = new("");
        await lab.StartAsync();
        using NetworkStream greedy = await lab.ConnectAsync();
        greedy.WriteTimeout = 1;
        byte[] query = DnsLab.Framed(Wire.Query("many"));
        byte[] queries = [.. Enumerable.Repeat(query, 500_000).SelectMany(bytes => bytes)];

        Task sending = greedy.WriteAsync(queries).AsTask(); // two gigabytes of answers that nobody takes

        await Assert.ThrowsAsync<IOException>(() => sending.WaitAsync(DnsLab.Patience)); // closed as one that is idle
        Assert.Equal(["echo. 30 A 10.96.0.10"], (await lab.AskAsync("echo")).Records);
    }

    [Fact]
    public async Task Ask_Garbage_IsRefusedOrIgnoredAndTheNextQueryAnswered()
    {
        await using DnsLab lab = new("");
        await lab.StartAsync();
        using Socket client = lab.Client();

        await client.SendAsync(new byte[11]); // too short
        await client.SendAsync((byte[])[.. Wire.Header(1, 0x8180, 0)]); // an answer
        await client.SendAsync((byte[])[.. Wire.Header(2, 0x0100), 0xC0, 12, 0, 1, 0, 1]); // a loop
        await client.SendAsync((byte[])[.. Wire.Header(3, 0x0110, 0)]); // no question

        Wire.Answer malformed = Wire.Read(await DnsLab.ReceiveAsync(client));
        Wire.Answer unasked = Wire.Read(await DnsLab.ReceiveAsync(client));

        Assert.Equal((2, ResponseCode.FormatError), (malformed.Header.Id, malformed.Header.Code));
        Assert.Equal((3, ResponseCode.ServerFailure), (unasked.Header.Id, unasked.Header.Code));
        Assert.Equal(0x8190, (int)unasked.Header.Flags & 0xFFF0); // QR RD RA CD
        Assert.Single((await lab.AskAsync("echo")).Records);
        Assert.Contains("ztunnel_dns_malformed_total 3\n", await lab.MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_RandomDatagrams_NothingDies()
    {
        await using DnsLab lab = new("");
        await lab.StartAsync();
        using Socket client = lab.Client();
        Random random = new(3);
        for (int round = 0; round < 3000; round++)
        {
            byte[] message = round % 2 == 0 ? Wire.Query("many", payload: 900) : new byte[random.Next(0, 2000)];
            if (round % 2 == 0)
            {
                message[random.Next(message.Length)] ^= (byte)(1 << random.Next(8));
            }
            else
            {
                random.NextBytes(message);
            }

            await client.SendAsync(message);
            if (round % 50 == 0) // not more at once than the socket's buffer holds
            {
                Assert.Equal(["echo. 30 A 10.96.0.10"], (await lab.AskAsync("echo")).Records);
            }
        }

        Assert.Equal(["echo. 30 A 10.96.0.10"], (await lab.AskAsync("echo")).Records);
    }

    [Fact]
    public async Task Ask_BeforeThePodIsKnown_WaitsForIt()
    {
        await using DnsLab lab = new("", isKnown: false);
        await lab.StartAsync();
        using Socket client = lab.Client();
        using NetworkStream stream = await lab.ConnectAsync();
        await client.SendAsync(Wire.Query("echo"));
        await stream.WriteAsync(DnsLab.Framed(Wire.Query("echo")));

        lab.Know();

        Assert.Single(Wire.Read(await DnsLab.ReceiveAsync(client)).Records);
        Assert.Single(Wire.Read(await DnsLab.ReadFrameAsync(stream)).Records);
    }

    [Fact]
    public async Task Ask_ThePodIsNeverKnown_FailsWhenTheTimeIsUp()
    {
        await using DnsLab lab = new(
            "", config => config with { Deadlines = new() { Workload = TimeSpan.FromMilliseconds(50) } }, isKnown: false);
        await lab.StartAsync();

        Wire.Answer answer = await lab.AskAsync("echo");

        Assert.Equal(ResponseCode.ServerFailure, answer.Header.Code);
        Assert.Contains(
            "source_canonical_service=\"unknown\",source_canonical_revision=\"unknown\"} 1\n",
            await lab.MetricsAsync(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_AddressTaken_FailsAndLeavesNothingBound()
    {
        await using DnsLab lab = new("");
        PodDns first = await lab.StartAsync();

        System.ComponentModel.Win32Exception failure =
            await Assert.ThrowsAsync<System.ComponentModel.Win32Exception>(lab.StartAsync);

        Assert.Contains($"127.0.0.1:{lab.Port}", failure.Message, StringComparison.Ordinal);
        await lab.StopAsync(first, graceful: true);
        await lab.StartAsync();
    }
}
