using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Dns;

/// <summary>Names of the mesh, asked by dig from a pod whose DNS is redirected.</summary>
[Collection(DnsCollection.Name)]
public sealed class MeshNameTests(DnsMeshes meshes)
{
    private const string Known = "qr aa rd ra";

    [Theory]
    [DnsPrograms("echo.default.svc.cluster.local", "A", "echo.default.svc.cluster.local. 30 A 10.96.0.10")]
    [DnsPrograms("echo.default.svc.cluster.local", "AAAA", "echo.default.svc.cluster.local. 30 AAAA fd96::10")]
    [DnsPrograms("echo.default.svc", "A", "echo.default.svc. 30 A 10.96.0.10")]
    [DnsPrograms("echo.default", "A", "echo.default. 30 A 10.96.0.10")]
    [DnsPrograms("echo", "A", "echo. 30 A 10.96.0.10")]
    [DnsPrograms("v4.other", "A", "v4.other. 30 A 10.96.0.65")]
    [DnsPrograms("v4.other", "AAAA", "")] // no address of the family
    [DnsPrograms("onlyv4", "A", "onlyv4. 30 A 10.96.0.66")]
    [DnsPrograms("onlyv4", "AAAA", "")] // has one, and says that it does not
    [DnsPrograms("onlyv6", "A", "")]
    [DnsPrograms("onlyv6", "AAAA", "onlyv6. 30 AAAA fd96::67")]
    [DnsPrograms("far", "A", "")] // on another network
    [DnsPrograms("www.example.org", "A", "www.example.org. 30 A 10.96.0.63")]
    [DnsPrograms("a.wild.example.org", "A", "a.wild.example.org. 30 A 10.96.0.64")]
    [DnsPrograms("a.b.wild.example.org", "A", "a.b.wild.example.org. 30 A 10.96.0.69")]
    [DnsPrograms("twice.example.org", "A", "twice.example.org. 30 A 10.96.0.71")] // the own namespace first
    [DnsPrograms("ECHO.Default.svc.cluster.local", "A", "echo.default.svc.cluster.local. 30 A 10.96.0.10")]
    public async Task Ask_Name_IsAnswered(string program, string name, string type, string record)
    {
        Dig dig = await AskAsync(program, name, type);

        Assert.Equal(("NOERROR", Known), (dig.Status, dig.Flags));
        Assert.Equal(record.Length == 0 ? [] : [record], dig.Records);
        Assert.Contains($"\n;{name}.", dig.Text, StringComparison.Ordinal); // the question in the client's letters
        Assert.Equal(0, dig.Authorities);
    }

    [Theory]
    [DnsPrograms("www.example.org.default.svc.cluster.local", "A", "www.example.org.", "10.96.0.63")]
    [DnsPrograms("www.example.org.svc.cluster.local", "A", "www.example.org.", "10.96.0.63")]
    [DnsPrograms("www.example.org.cluster.local", "A", "www.example.org.", "10.96.0.63")]
    [DnsPrograms("echo.default.default.svc.cluster.local", "A", "echo.default.", "10.96.0.10")]
    [DnsPrograms("echo.default.default.svc.cluster.local", "AAAA", "echo.default.", "fd96::10")]
    public async Task Ask_NameBehindASearchDomain_IsAnAlias(
        string program, string name, string type, string target, string address)
    {
        Dig dig = await AskAsync(program, name, type);

        Assert.Equal(Known, dig.Flags);
        Assert.Equal(
            new[] { $"{name}. 30 CNAME {target}", $"{target} 30 {type} {address}" }.Order(StringComparer.Ordinal),
            dig.Records);
    }

    [Theory]
    [DnsPrograms("www.example.org.default.svc.cluster.local", "AAAA")]
    public async Task Ask_AliasWithoutAnAddress_HasNoRecord(string program, string name, string type)
    {
        Dig dig = await AskAsync(program, name, type);

        Assert.Equal(("NOERROR", 0), (dig.Status, dig.Answers));
    }

    [Theory]
    [DnsPrograms("headless", "A")]
    [DnsPrograms("headless.default.svc.cluster.local", "AAAA")]
    public async Task Ask_HeadlessService_HasAnAddressOfEachEndpoint(string program, string name, string type)
    {
        TwoNodeMesh mesh = meshes[program];
        Pod[] pods = [mesh.Server, mesh.Pod("second")];

        Dig dig = await AskAsync(program, name, type);

        Assert.Equal(
            pods.Select(pod => $"{name}. 30 {type} {(type == "A" ? pod.V4 : pod.V6)}").Order(StringComparer.Ordinal),
            dig.Records);
    }

    [Fact]
    public async Task Ask_WildcardBehindASearchDomain_HasNoAlias()
    {
        const string name = "a.wild.example.org.default.svc.cluster.local";

        Assert.Equal([$"{name}. 30 A 10.96.0.64"], (await AskAsync(DnsMeshes.Ours, name, "A")).Records);
    }

    [Theory]
    [DnsPrograms("+edns=0", "+bufsize=1400", "+dnssec", "version: 0, flags: do; udp: 1400")]
    [DnsPrograms("+edns=0", "+bufsize=4096", "+nodnssec", "version: 0, flags:; udp: 4096")]
    public async Task Ask_WithOptions_HasThemInTheAnswer(
        string program, string edns, string size, string dnssec, string expected)
    {
        Dig dig = await AskAsync(program, "echo", "A", edns, size, dnssec);

        Assert.Equal(["echo. 30 A 10.96.0.10"], dig.Records);
        Assert.Equal(expected, dig.Edns);
    }

    [Theory]
    [InlineData("+noedns", 30, 512)]
    [InlineData("+edns=0 +bufsize=1232", 74, 1232)]
    [InlineData("+edns=0 +bufsize=4096", 253, 4096)]
    public async Task Ask_ManyAddressesOverUdp_IsTruncatedAtWholeRecords(string arguments, int answers, int limit)
    {
        Dig dig = await AskAsync(DnsMeshes.Ours, "many", "A", ["+ignore", .. arguments.Split(' ')]);

        Assert.Equal(("qr aa tc rd ra", answers), (dig.Flags, dig.Answers));
        Assert.InRange(dig.Size, limit - 16, limit);
        Assert.Equal(arguments != "+noedns", dig.Edns is not null);
        Assert.DoesNotContain("extra bytes", dig.Text, StringComparison.Ordinal);
    }

    [Theory]
    [DnsPrograms("+tcp")]
    [DnsPrograms("+notcp")] // truncated first; dig asks again
    public async Task Ask_ManyAddressesOverTcp_AreAllThere(string program, string transport)
    {
        Dig dig = await AskAsync(program, "many", "A", transport, "+edns=0", "+bufsize=512");

        Assert.Equal(256, dig.Records.Distinct().Count());
    }

    [Theory]
    [DnsPrograms()]
    public async Task Ask_ManyAddresses_ComeInAnotherOrderEachTime(string program)
    {
        Dig first = await AskAsync(program, "many", "A", "+tcp");
        Dig second = await AskAsync(program, "many", "A", "+tcp");

        Assert.NotEqual(Unsorted(first), Unsorted(second));

        static string Unsorted(Dig dig) => dig.Text[..dig.Text.IndexOf(";; Query time", StringComparison.Ordinal)]
            [dig.Text.IndexOf("ANSWER SECTION", StringComparison.Ordinal)..];
    }

    [Fact]
    public async Task Ask_OverIPv6_IsAnswered()
    {
        Dig dig = await Dig.AskAsync(meshes[DnsMeshes.Ours].Client, DnsMeshes.Server6, "echo", "A");

        Assert.Equal(["echo. 30 A 10.96.0.10"], dig.Records);
        dig = await Dig.AskAsync(meshes[DnsMeshes.Ours].Client, DnsMeshes.Server6, "+tcp", "echo", "AAAA");
        Assert.Equal(["echo. 30 AAAA fd96::10"], dig.Records);
    }

    [Fact]
    public async Task Log_OfAQuery_HasTheFieldsOfTheContract()
    {
        await AskAsync(DnsMeshes.Ours, "Echo.default", "A");

        await meshes[DnsMeshes.Ours].ClientProxy.Log.WaitForAsync(
            "\tdebug\tdns\tsrc.workload=\"client\" src.namespace=\"default\" query=\"A\" domain=\"echo.default.\" "
            + "result=\"success\" endpoints=1");
    }

    private Task<Dig> AskAsync(string program, string name, string type, params string[] arguments) =>
        Dig.AskAsync(meshes[program].Client, DnsMeshes.Server, [.. arguments, name, type]);
}
