using System.Net.Sockets;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Dns;

/// <summary>What is not of the mesh: to the server of the proxy's resolv.conf, out of the pod, and back.</summary>
[Collection(DnsCollection.Name)]
public sealed class ForwardedNameTests(DnsMeshes meshes)
{
    [Theory]
    [DnsPrograms("a.example.com", "A", "a.example.com. 60 A 192.0.2.1")]
    [DnsPrograms("aaaa.example.com", "AAAA", "aaaa.example.com. 60 AAAA 2001:db8::1")]
    [DnsPrograms("alias.example.com", "A", "a.example.com. 60 A 192.0.2.1|alias.example.com. 60 CNAME a.example.com.")]
    [DnsPrograms("s.example.com", "SRV", "a.example.com. 60 A 192.0.2.1|s.example.com. 60 SRV 0 0 80 a.example.com.")]
    public async Task Ask_NameUpstreamKnows_IsForwarded(string program, string name, string type, string records)
    {
        Dig dig = await AskAsync(program, name, type);

        Assert.Equal(("NOERROR", "qr rd ra"), (dig.Status, dig.Flags));
        Assert.Equal(records.Split('|'), dig.Records);
        LabQuery query = meshes.Upstream(program).QueriesFor(name)[^1];
        Assert.Equal(meshes[program].Client.V4, query.Client.Address); // out of the pod
    }

    [Theory]
    [DnsPrograms("nx.example.com", "A", "NXDOMAIN")]
    [DnsPrograms("nodata.example.com", "AAAA", "NOERROR")]
    [DnsPrograms("refused.example.com", "A", "REFUSED")]
    [DnsPrograms("failing.example.com", "A", "SERVFAIL")]
    [DnsPrograms("silent.example.com", "A", "SERVFAIL")]
    public async Task Ask_NameUpstreamRefuses_HasItsCode(string program, string name, string type, string status)
    {
        Dig dig = await AskAsync(program, name, type);

        Assert.Equal((status, 0), (dig.Status, dig.Answers));
        Assert.True(program == DnsMeshes.Peer || dig.Flags == "qr rd ra", dig.Text);
    }

    [Theory]
    [InlineData("nx.example.com")]
    [InlineData("nodata.example.com")]
    public async Task Ask_NegativeAnswer_KeepsItsStartOfAuthority(string name)
    {
        Dig dig = await AskAsync(DnsMeshes.Ours, name, "A");

        Assert.Equal(["example.com. 60 SOA ns.example.com. root.example.com. 7 0 0 0 0"], dig.Authority);
    }

    [Fact]
    public async Task Ask_Flags_ArriveAtTheServerAndBack()
    {
        Dig dig = await AskAsync(
            DnsMeshes.Ours, "Signed.Example.COM", "TYPE4711", "+edns=0", "+bufsize=1400", "+dnssec", "+cdflag", "+norecurse");

        LabQuery query = meshes.Upstream(DnsMeshes.Ours).QueriesFor("signed.example.com")[^1];
        Assert.Equal("Signed.Example.COM", query.Name);
        Assert.Equal([0x12, 0x67, 0, 1], query.Question[^4..]);
        Assert.Equal(0x10, query.Message[3] & 0x10); // CD
        Assert.Equal(0, query.Message[2] & 1); // RD
        Assert.Equal("qr ra ad", dig.Flags);
        Assert.Equal("version: 0, flags: do; udp: 1400", dig.Edns);
        Assert.Equal([0, 0, 41, 0x05, 0x78, 0, 0, 0x80, 0, 0, 0], query.Rest);
    }

    [Fact]
    public async Task Ask_OtherClass_IsForwarded()
    {
        await AskAsync(DnsMeshes.Ours, "echo", "A", "-c", "CH");

        Assert.NotEmpty(meshes.Upstream(DnsMeshes.Ours).QueriesFor("echo"));
    }

    [Theory]
    [InlineData("UPDATE")]
    [InlineData("NOTIFY")]
    public async Task Ask_OtherOpcode_IsForwarded(string opcode)
    {
        Dig dig = await AskAsync(DnsMeshes.Ours, "zone.example.com", "SOA", $"+opcode={opcode}");

        Assert.Equal("NOTIMP", dig.Status); // the server's own word: ours would be the same, so look at what it got
        Assert.NotEmpty(meshes.Upstream(DnsMeshes.Ours).QueriesFor("zone.example.com"));
    }

    [Theory]
    [InlineData("+tcp")]
    [InlineData("+notcp")] // the truncated answer makes dig come back over TCP
    public async Task Ask_LargeAnswer_ComesWholeOverTcp(string transport)
    {
        Dig dig = await AskAsync(DnsMeshes.Ours, "large.example.com", "TXT", transport);

        Assert.Equal((LabZone.LargeText / 200, "qr rd ra"), (dig.Answers, dig.Flags));
        Assert.True(meshes.Upstream(DnsMeshes.Ours).QueriesFor("large.example.com")[^1].IsOverTcp);
    }

    [Fact]
    public async Task Ask_LargeAnswerOverUdp_IsTruncatedByTheServer()
    {
        Dig dig = await AskAsync(DnsMeshes.Ours, "large.example.com", "TXT", "+ignore");

        Assert.Equal(("qr tc rd ra", 0), (dig.Flags, dig.Answers));
    }

    [Fact]
    public async Task Ask_ForgedAnswersFirst_AreNotTaken()
    {
        Dig dig = await AskAsync(DnsMeshes.Ours, "forged.example.com", "A");

        Assert.Equal(["forged.example.com. 60 A 192.0.2.1"], dig.Records);
    }

    [Fact]
    public async Task Ask_ServerSendsGarbage_Fails() =>
        Assert.Equal("SERVFAIL", (await AskAsync(DnsMeshes.Ours, "garbage.example.com", "A")).Status);

    [Fact]
    public async Task Ask_SeveralTimes_IdsAndPortsAreDrawnAnew()
    {
        for (int i = 0; i < 8; i++)
        {
            await AskAsync(DnsMeshes.Ours, "random.example.com", "A");
        }

        IReadOnlyList<LabQuery> queries = meshes.Upstream(DnsMeshes.Ours).QueriesFor("random.example.com");
        Assert.True(queries.Select(query => query.Id).Distinct().Count() >= 7);
        Assert.True(queries.Select(query => query.Client.Port).Distinct().Count() >= 7);
    }

    [Theory]
    [InlineData(new byte[] { 1, 2, 3 })]
    [InlineData(new byte[] { 0, 1, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xC0, 12, 0, 1, 0, 1 })] // a loop
    [InlineData(new byte[] { 0, 1, 0x81, 0x80, 0, 0, 0, 0, 0, 0, 0, 0 })] // an answer
    [InlineData(new byte[] { 0, 1, 0x01, 0, 255, 255, 255, 255, 255, 255, 255, 255 })]
    public async Task Send_Garbage_LeavesTheServerWell(byte[] garbage)
    {
        Pod client = meshes[DnsMeshes.Ours].Client;
        using Socket socket = client.Inside(() => new Socket(SocketType.Dgram, ProtocolType.Udp));
        await socket.SendToAsync(garbage, new System.Net.IPEndPoint(System.Net.IPAddress.Parse(DnsMeshes.Server), 53));

        Assert.Equal(1, (await AskAsync(DnsMeshes.Ours, "echo", "A")).Answers);
    }

    [Fact]
    public async Task Metrics_OfForwardedQueries_AreIstios()
    {
        await AskAsync(DnsMeshes.Ours, "a.example.com", "MX");
        await AskAsync(DnsMeshes.Ours, "nx.example.com", "MX", "+tcp");
        const string udp = "request_query_type=\"mx\",request_protocol=\"udp\",source_canonical_service=\"client\",source_canonical_revision=\"v1\"";

        MetricsText metrics = await meshes[DnsMeshes.Ours].ClientProxy.MetricsAsync();

        Assert.Contains($"istio_dns_requests_total{{{udp}}} 1\n", metrics.Text, StringComparison.Ordinal);
        Assert.Contains($"istio_dns_upstream_requests_total{{{udp}}} 1\n", metrics.Text, StringComparison.Ordinal);
        Assert.DoesNotContain($"istio_dns_upstream_failures_total{{{udp}}}", metrics.Text, StringComparison.Ordinal);
        string tcp = udp.Replace("\"udp\"", "\"tcp\"", StringComparison.Ordinal);
        Assert.Contains($"istio_dns_upstream_failures_total{{{tcp}}} 1\n", metrics.Text, StringComparison.Ordinal);
    }

    private Task<Dig> AskAsync(string program, string name, string type, params string[] arguments) =>
        Dig.AskAsync(meshes[program].Client, DnsMeshes.Server, [.. arguments, name, type]);
}
