using System.Net.Sockets;
using Ztunnel.Dns;
using Ztunnel.Dns.Messages;
using Ztunnel.Tests.Dns.Messages;

namespace Ztunnel.Tests.Dns;

/// <summary>What is not of the mesh: passed on as it is, and back as it is.</summary>
public sealed class ForwardingTests
{
    private static readonly byte[] s_query = Wire.Query("A.example.COM", 257, id: 9, flags: 0x0130, payload: 1400, dnssec: true);

    [Fact]
    public async Task Ask_UnknownName_IsPassedOnAndBackVerbatimButForTheId()
    {
        byte[] sent = [];
        using Upstream upstream = new(query => sent = Answer(query, 0x85B0)); // AA RD RA AD CD
        await using DnsLab lab = await StartedAsync(upstream);

        byte[] answer = await lab.AskAsync(s_query);

        Assert.Equal(s_query[2..], upstream.Queries.Single()[2..]);
        Assert.Equal([.. Wire.Word(9), .. sent[2..]], answer);
        Assert.Contains("result=\"forwarded\" endpoints=1\n", lab.Log, StringComparison.Ordinal);
        string metrics = await lab.MetricsAsync();
        Assert.Contains("istio_dns_upstream_requests_total{request_query_type=\"caa\",", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("istio_dns_upstream_failures_total", metrics, StringComparison.Ordinal);
        Assert.Contains("ztunnel_dns_queries_in_flight 0\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_64KiBAnswerOverTcp_ArrivesWhole()
    {
        using Upstream upstream = new(query => [.. query[..2], .. Wire.Header(0, 0x8180, answers: 1)[2..], .. query[12..], .. Wire.Record("a", 16, new byte[65_535 - query.Length - 13])]);
        await using DnsLab lab = await StartedAsync(upstream);
        using NetworkStream stream = await lab.ConnectAsync();
        await stream.WriteAsync(DnsLab.Framed(Answerable("large.example")));

        byte[] answer = await DnsLab.ReadFrameAsync(stream);

        Assert.Equal(65_535, answer.Length);
    }

    [Fact]
    public async Task Ask_LargerAnswerThanTheClientTakes_IsCutToItsQuestion()
    {
        using Upstream upstream = new(query =>
            [.. query[..2], .. Wire.Header(0, 0x8180, answers: 1)[2..], .. query[12..], .. Wire.Record("a", 16, new byte[2000])]);
        await using DnsLab lab = await StartedAsync(upstream);

        Wire.Answer answer = await lab.AskAsync("a.example");

        Assert.True(answer.Header.Flags.HasFlag(DnsFlags.Truncated));
        Assert.Empty(answer.Records);
        Assert.Equal("a.example.", answer.Question);
    }

    [Fact]
    public async Task Ask_TruncatedAnswer_IsPassedOnSoThatTheClientAsksOverTcp()
    {
        using Upstream upstream = new(query => Answer(query, 0x8380));
        await using DnsLab lab = await StartedAsync(upstream);

        Assert.True(DnsHeader.Read(await lab.AskAsync(s_query)).Flags.HasFlag(DnsFlags.Truncated));
    }

    [Theory]
    [InlineData(0x8183)] // NXDOMAIN
    [InlineData(0x8185)] // REFUSED
    [InlineData(0x8182)] // SERVFAIL
    public async Task Ask_NegativeAnswer_KeepsItsAuthorityAndCountsAsFailure(int flags)
    {
        using Upstream upstream = new(query =>
            [.. query[..2], .. Wire.Header(0, flags, authorities: 1)[2..], .. query[12..], .. Wire.Record("example", Wire.A, [1, 2, 3, 4])]);
        await using DnsLab lab = await StartedAsync(upstream);

        Wire.Answer answer = await lab.AskAsync("nx.example");

        Assert.Equal((flags, 1), ((int)answer.Header.Flags, answer.Header.Authorities));
        Assert.Equal(["example. 60 A 1.2.3.4"], answer.Records);
        Assert.Contains("istio_dns_upstream_failures_total{", await lab.MetricsAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x2000)] // NOTIFY
    [InlineData(0x2800)] // UPDATE
    public async Task Ask_OtherOpcode_IsPassedOn(int opcode)
    {
        byte[] query = Wire.Query("zone.example", 6, id: 5, flags: opcode);
        using Upstream upstream = new(received => [.. received[..2], .. Wire.Header(0, 0x8000 | opcode | 5, 0)[2..]]);
        await using DnsLab lab = await StartedAsync(upstream);

        byte[] answer = await lab.AskAsync(query);

        Assert.Equal(query[2..], upstream.Queries.Single()[2..]);
        Assert.Equal([.. Wire.Word(5), .. Wire.Header(0, 0x8000 | opcode | 5, 0)[2..]], answer);
    }

    [Fact]
    public async Task Ask_GuessedAnswers_AreNotTaken()
    {
        using Upstream upstream = new(query => Answer(query, 0x8180))
        {
            Before = query =>
            [
                [(byte)(query[0] ^ 1), .. Answer(query, 0x8180)[1..]], // another id
                [.. query[..2], .. Answer(Wire.Query("other.example"), 0x8180)[2..]], // another question
                query, // no answer
                [.. query[..2], 0x81], // cut
                [.. query[..2], .. Wire.Header(0, 0x8180, 0)[2..]], // no question, and yet no refusal
            ],
        };
        await using DnsLab lab = await StartedAsync(upstream);

        Assert.Equal(1, DnsHeader.Read(await lab.AskAsync(s_query)).Answers);
    }

    [Fact]
    public async Task Ask_SilentServer_IsAskedAgainAndThenFails()
    {
        using Upstream upstream = new(_ => null);
        await using DnsLab lab = await StartedAsync(upstream);
        long started = Environment.TickCount64;

        Wire.Answer answer = await lab.AskAsync("silent.example");

        Assert.Equal((ResponseCode.ServerFailure, "silent.example."), (answer.Header.Code, answer.Question));
        Assert.InRange(Environment.TickCount64 - started, 1990, 15_000); // one repetition, a second each
        Assert.Equal(2, upstream.Queries.Count);
        Assert.Contains("result=\"forwarding failed (request timed out)\" endpoints=0\n", lab.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_FirstServerGone_TheSecondAnswersAndIsAskedFirstFromThenOn()
    {
        using Upstream gone = new(_ => null);
        using Upstream upstream = new(query => Answer(query, 0x8180));
        int deadPort = gone.Port;
        gone.Dispose();
        await using DnsLab lab = new($"nameserver [127.0.0.1]:{deadPort}\nnameserver [127.0.0.1]:{upstream.Port}\n");
        await lab.StartAsync();

        Assert.Equal(1, DnsHeader.Read(await lab.AskAsync(s_query)).Answers);
        Assert.Equal(1, DnsHeader.Read(await lab.AskAsync(s_query)).Answers);
    }

    [Fact]
    public async Task Ask_FirstServerRefuses_TheSecondIsAsked()
    {
        using Upstream refusing = new(query => Answer(query, 0x8185));
        using Upstream upstream = new(query => Answer(query, 0x8180));
        await using DnsLab lab = new($"nameserver [127.0.0.1]:{refusing.Port}\nnameserver [127.0.0.1]:{upstream.Port}\n");
        await lab.StartAsync();

        Assert.Equal(ResponseCode.NoError, DnsHeader.Read(await lab.AskAsync(s_query)).Code);
        Assert.Single(refusing.Queries);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ask_NoServerAtAll_FailsAtOnce(bool overTcp)
    {
        await using DnsLab lab = new("search example.org\n");
        await lab.StartAsync();
        byte[] query = Answerable("a.example");
        byte[] answer;
        if (overTcp)
        {
            using NetworkStream stream = await lab.ConnectAsync();
            await stream.WriteAsync(DnsLab.Framed(query));
            answer = await DnsLab.ReadFrameAsync(stream);
        }
        else
        {
            answer = await lab.AskAsync(query);
        }

        Assert.Equal(ResponseCode.ServerFailure, DnsHeader.Read(answer).Code);
    }

    [Fact]
    public async Task Ask_ServerIsOurselves_IsLeftOut()
    {
        await using DnsLab lab = new("");
        await File.WriteAllTextAsync(lab.ResolverPath, $"nameserver [127.0.0.1]:{lab.Port}\n");
        await lab.StartAsync();

        Assert.Equal(ResponseCode.ServerFailure, DnsHeader.Read(await lab.AskAsync(s_query)).Code);
        Assert.Contains("there is no upstream server", lab.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_QueryThatComesBack_IsALoop()
    {
        DnsLab? lab = null;
        using Upstream upstream = new(query =>
        {
            byte[] answer = lab!.AskAsync(query).Result; // what a redirect without the mark's exception does
            return answer;
        });
        await using DnsLab started = lab = await StartedAsync(upstream);

        Assert.Equal(ResponseCode.ServerFailure, DnsHeader.Read(await lab.AskAsync(s_query)).Code);
        Assert.Contains("ztunnel_dns_loops_total 1\n", await lab.MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_MoreThanMayWait_IsRefusedAtOnceAndCounted()
    {
        using Upstream upstream = new(_ => null);
        await using DnsLab lab = new(
            DnsLab.Server(upstream.Port), config => config with { Dns = config.Dns with { MaxQueriesPerPod = 2 } });
        await lab.StartAsync();
        using Socket client = lab.Client();
        for (ushort id = 1; id <= 3; id++)
        {
            await client.SendAsync(Wire.Query("a.example", id: id));
        }

        DnsHeader refused = DnsHeader.Read(await DnsLab.ReceiveAsync(client));

        Assert.Equal((3, ResponseCode.ServerFailure), (refused.Id, refused.Code));
        string metrics = await lab.MetricsAsync();
        Assert.Contains("ztunnel_dns_refused_total{limit=\"pod_queries\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("ztunnel_dns_queries_in_flight 2\n", metrics, StringComparison.Ordinal);
        Assert.Single((await lab.AskAsync("echo")).Records); // names of the mesh go on
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stop_WhileQueriesWait_AnswersThemOrDropsThem(bool graceful)
    {
        TaskCompletionSource asked = new();
        TaskCompletionSource<byte[]> held = new();
        using Upstream upstream = new(query =>
        {
            asked.SetResult();
            _ = held.Task.Wait(DnsLab.Patience);
            return Answer(query, 0x8180);
        });
        await using DnsLab lab = new(DnsLab.Server(upstream.Port).Replace("timeout:1", "timeout:30", StringComparison.Ordinal));
        PodDns server = await lab.StartAsync();
        using Socket client = lab.Client();
        await client.SendAsync(s_query);
        await asked.Task.WaitAsync(DnsLab.Patience);

        Task stop = lab.StopAsync(server, graceful);

        if (graceful)
        {
            held.SetResult([]);
            Assert.Equal(1, DnsHeader.Read(await DnsLab.ReceiveAsync(client)).Answers);
        }

        await stop.WaitAsync(DnsLab.Patience);
        held.TrySetResult([]);
        Assert.Contains("dns server drained", lab.Log, StringComparison.Ordinal);
        Assert.Contains("ztunnel_dns_queries_in_flight 0\n", await lab.MetricsAsync(), StringComparison.Ordinal);
    }

    private static byte[] Answerable(string name) => Wire.Query(name, 16, id: 0x4321);

    private static byte[] Answer(byte[] query, int flags)
    {
        byte[] question = query[12..DnsQuery.EndOfFirstQuestion(query)];
        return [.. query[..2], .. Wire.Header(0, flags, answers: 1)[2..], .. question, .. Wire.Record("a.example.com", Wire.A, [192, 0, 2, 1])];
    }

    private static async Task<DnsLab> StartedAsync(Upstream upstream)
    {
        DnsLab lab = new(DnsLab.Server(upstream.Port));
        await lab.StartAsync();
        return lab;
    }
}
