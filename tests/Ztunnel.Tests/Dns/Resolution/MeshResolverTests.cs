using Ztunnel.Dns.Messages;
using Ztunnel.Dns.Resolution;
using Ztunnel.State;
using Ztunnel.Tests.Dns.Messages;
using Ztunnel.Tests.State;
using static Ztunnel.Tests.Dns.Resolution.ResolverLab;

namespace Ztunnel.Tests.Dns.Resolution;

/// <summary>Which records an answer has, and how it is laid out.</summary>
public sealed class MeshResolverTests
{
    private const string Many = "ns1/many.ns1.svc.cluster.local";

    private static readonly string[] s_vips = [.. Enumerable.Range(0, 256).Select(i => $"/10.97.0.{i}")];

    [Theory]
    [InlineData(12)] // PTR
    [InlineData(33)] // SRV
    [InlineData(255)] // ANY
    public void Answer_OtherType_IsForwarded(ushort type) =>
        Assert.Null(new ResolverLab(Service("ns1/a.example", "/10.0.0.1")).Ask("a.example", type));

    [Theory]
    [InlineData(3)] // CH
    [InlineData(255)]
    public void Answer_OtherClass_IsForwarded(ushort @class) => Assert.Null(
        new ResolverLab(Service("ns1/a.example", "/10.0.0.1")).Ask(Wire.Query("a.example", @class: @class), 512));

    [Fact]
    public void Answer_Vips_AreThoseOfFamilyAndNetwork()
    {
        Service service = Service("ns1/a.example", "/10.0.0.1", "/fd00::1", "far/10.0.0.2", "far/fd00::2");

        Assert.Equal(["a.example. 30 A 10.0.0.1"], new ResolverLab(service).Ask("a.example"));
        Assert.Equal(["a.example. 30 AAAA fd00::1"], new ResolverLab(service).Ask("a.example", Wire.Aaaa));
        Assert.Equal(
            ["a.example. 30 A 10.0.0.2"], new ResolverLab(service) { Network = "far" }.Ask("a.example"));
        ResolverLab elsewhere = new(service) { Network = "third" };
        Assert.Empty(elsewhere.Ask("a.example")!);
        Assert.Equal(Outcome.NoRecords, elsewhere.Last.Outcome);
    }

    [Fact]
    public void Answer_Aaaa_IsEmptyWhileIPv6IsOff()
    {
        ResolverLab lab = new(Service("ns1/a.example", "/fd00::1", "/10.0.0.1")) { HasV6 = false };

        Assert.Empty(lab.Ask("a.example", Wire.Aaaa)!);
        Assert.Equal(Outcome.NotSupported, lab.Last.Outcome);
        Assert.Single(lab.Ask("a.example")!);
    }

    [Theory]
    [InlineData("IPv4", 0, 1)]
    [InlineData("IPv6", 1, 0)]
    [InlineData("Dual", 1, 1)]
    [InlineData("Automatic", 1, 1)]
    public void Answer_IpFamilies_DecideWhichTypesThereAre(string families, int v6, int v4)
    {
        Service service = new()
        {
            Name = "a",
            Namespace = "ns1",
            Hostname = "a.example",
            Vips = [TestMesh.Address("/10.0.0.1"), TestMesh.Address("/fd00::1")],
            IpFamilies = Enum.Parse<IpFamilies>(families),
        };
        ResolverLab lab = new(service);

        Assert.Equal(v4, lab.Ask("a.example")!.Count);
        Assert.Equal(v4 == 0, lab.Last.Outcome == Outcome.NotSupported);
        Assert.Equal(v6, lab.Ask("a.example", Wire.Aaaa)!.Count);
    }

    [Fact]
    public void Answer_Headless_HasTheFirstAddressOfEachEndpoint()
    {
        const string name = "ns1/headless.ns1.svc.cluster.local";
        ResolverLab lab = new(
            Service(name),
            Pod("one", name, "10.1.0.1", "10.1.0.2", "fd01::1"),
            Pod("two", name, "fd01::2", "10.1.0.3"),
            Pod("none", name),
            Pod("stranger", "ns1/other.ns1.svc.cluster.local", "10.1.0.9"));

        Assert.Equal(["10.1.0.1", "10.1.0.3"], Addresses(lab.Ask("headless")));
        Assert.Equal(["fd01::1", "fd01::2"], Addresses(lab.Ask("headless", Wire.Aaaa)));
    }

    [Fact]
    public void Answer_CidrVips_AreNoAddresses()
    {
        Service ranged = new()
        {
            Name = "r",
            Namespace = "ns1",
            Hostname = "ranged.ns1.svc.cluster.local",
            CidrVips = [new NetworkCidr("", new Cidr(TestMesh.Ip("10.5.0.0"), 16))],
        };

        Assert.Empty(new ResolverLab(ranged).Ask("ranged")!);
    }

    [Fact]
    public void Answer_ManyVips_AreShuffledEvenly()
    {
        ResolverLab lab = new(Service("ns1/a.example", [.. s_vips.Take(4)]));
        MeshResolver resolver = new(hasV6: true, new Random(1));
        int[] first = new int[4];
        byte[] answer = new byte[512];
        for (int round = 0; round < 4000; round++)
        {
            DnsQuery.TryRead(Wire.Query("a.example"), out DnsQuery query);
            int length = resolver.Answer(in query, lab.Mesh, new Asker("", lab.Scope), answer, 512).Length;
            Wire.Answer read = Wire.Read(answer.AsSpan(0, length));
            Assert.Equal(4, read.Records.Distinct().Count());
            first[read.Records[0][^1] - '0']++;
        }

        Assert.All(first, count => Assert.InRange(count, 850, 1150));
    }

    [Fact]
    public void Answer_Header_CopiesWhatIsTheClientsAndSaysWhatIsOurs()
    {
        ResolverLab lab = new(Service("ns1/a.example", "/10.0.0.1"));

        Wire.Answer answer = lab.Ask(Wire.Query("a.example", id: 77, flags: 0x0130), 512)!; // RD, AD, CD

        Assert.Equal(77, answer.Header.Id);
        Assert.Equal(0x8000 | 0x0400 | 0x0100 | 0x0080 | 0x0010, (int)answer.Header.Flags); // QR AA RD RA CD
        Assert.Equal((1, 1, 0, 0), (answer.Header.Questions, answer.Header.Answers, answer.Header.Authorities, answer.Header.Additionals));
    }

    [Fact]
    public void Answer_OtherLetterCase_IsTheQuestionsOnly()
    {
        ResolverLab lab = new(Service("ns1/www.google.com", "/10.0.0.1", "/10.0.0.2"));

        Wire.Answer answer = lab.Ask(Wire.Query("WWW.Google.com"), 512)!;
        Assert.Equal("WWW.Google.com.", answer.Question);
        Assert.Equal(["10.0.0.1", "10.0.0.2"], Addresses(answer.Records));
        Assert.All(answer.Records, record => Assert.StartsWith("www.google.com. ", record, StringComparison.Ordinal));

        Wire.Answer alias = lab.Ask(Wire.Query("WWW.Google.com.NS1.svc.cluster.local"), 512)!;
        Assert.Equal("www.google.com.ns1.svc.cluster.local. 30 CNAME www.google.com.", alias.Records[0]);
        Assert.All(alias.Records.Skip(1), record => Assert.StartsWith("www.google.com. ", record, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1400, false, 0, "OPT 1400 00000000 0")]
    [InlineData(100, true, 0, "OPT 512 00008000 0")]
    public void Answer_WithOptions_HasOneToo(ushort payload, bool dnssec, int version, string expected)
    {
        ResolverLab lab = new(Service("ns1/a.example", "/10.0.0.1"));

        Wire.Answer answer = lab.Ask(Wire.Query("a.example", payload: payload, dnssec: dnssec), 512)!;

        Assert.Equal(0, version);
        Assert.Equal(["a.example. 30 A 10.0.0.1", expected], answer.Records);
    }

    [Fact]
    public void Answer_TooLong_HasWholeRecordsTheTruncatedFlagAndStillTheOptions()
    {
        ResolverLab lab = new(Service(Many, s_vips));

        Wire.Answer answer = lab.Ask(Wire.Query("many", payload: 1232), 1232)!;

        Assert.Equal(74, answer.Header.Answers);
        Assert.True(answer.Header.Flags.HasFlag(DnsFlags.Truncated));
        Assert.Equal("OPT 1232 00000000 0", answer.Records[^1]);
        Assert.InRange(lab.Last.Length, 1232 - 16, 1232);
    }

    [Theory]
    [InlineData(512, 30)] // 12 + 10 + 30 × 16 = 502
    [InlineData(4096, 254)]
    public void Answer_TooLongWithoutOptions_IsCutAtTheLimit(int limit, int answers)
    {
        Wire.Answer answer = new ResolverLab(Service(Many, s_vips)).Ask(Wire.Query("many"), limit)!;

        Assert.Equal(answers, answer.Header.Answers);
        Assert.True(answer.Header.Flags.HasFlag(DnsFlags.Truncated));
    }

    [Fact]
    public void Answer_OverTcp_HasAll()
    {
        Wire.Answer answer = new ResolverLab(Service(Many, s_vips)).Ask(Wire.Query("many"), 65_535)!;

        Assert.Equal(256, answer.Records.Distinct().Count());
        Assert.False(answer.Header.Flags.HasFlag(DnsFlags.Truncated));
    }

    [Fact]
    public void Answer_MoreThanAMessageHolds_IsTruncatedOverTcpToo()
    {
        string[] vips = [.. Enumerable.Range(0, 5000).Select(i => $"/10.{i >> 8}.{i & 255}.1")];

        Wire.Answer answer = new ResolverLab(Service(Many, vips)).Ask(Wire.Query("many"), 65_535)!;

        Assert.Equal((65_535 - 22) / 16, answer.Header.Answers);
        Assert.True(answer.Header.Flags.HasFlag(DnsFlags.Truncated));
    }

    [Fact]
    public void Answer_AliasThatDoesNotFit_LeavesNothingHalf()
    {
        string name = string.Join('.', new string('x', 63), new string('y', 63), new string('z', 63), "org");
        ResolverLab lab = new(Service($"ns1/{name}", "/10.0.0.1"));

        Wire.Answer answer = lab.Ask(Wire.Query($"{name.ToUpperInvariant()}.ns1.svc.cluster.local", payload: 512), 512)!;

        Assert.Equal(["OPT 512 00000000 0"], answer.Records);
        Assert.True(answer.Header.Flags.HasFlag(DnsFlags.Truncated));
    }

    [Fact]
    public void Answer_AliasWithoutAnAddress_HasNoRecordAtAll() => Assert.Empty(
        new ResolverLab(Service("ns1/www.google.com", "/10.0.0.1")).Ask("www.google.com.ns1.svc.cluster.local", Wire.Aaaa)!);

    [Fact]
    public void Answer_FromTheMesh_AllocatesNothing()
    {
        ResolverLab lab = new(Service(Many, s_vips), Service("ns1/www.google.com", "/10.0.0.1"));
        MeshResolver resolver = new(hasV6: true, new Random(1));
        Asker asker = new("", lab.Scope);
        byte[][] queries =
        [
            Wire.Query("MANY"), Wire.Query("www.google.com.ns1.svc.cluster.local"), Wire.Query("no.such.name.example"),
        ];
        byte[] answer = new byte[4096];
        AskAll();

        // What the runtime does once on this thread (better code for a method) falls into one try, what an answer costs
        // into all.
        Assert.InRange(Enumerable.Range(0, 5).Min(_ => Allocated()), 0, 299); // less than a byte each

        long Allocated()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int round = 0; round < 100; round++)
            {
                AskAll();
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        void AskAll()
        {
            foreach (byte[] message in queries)
            {
                DnsQuery.TryRead(message, out DnsQuery query);
                resolver.Answer(in query, lab.Mesh, asker, answer, answer.Length);
            }
        }
    }

    private static Workload Pod(string name, string service, params string[] addresses) => new()
    {
        Uid = name,
        Name = name,
        Namespace = "ns1",
        Addresses = [.. addresses.Select(TestMesh.Ip)],
        Services = [TestMesh.Serves(service, (80, 80))],
    };

    private static string[] Addresses(IReadOnlyList<string>? records) =>
        [.. records!.Select(record => record.Split(' ')[^1]).Order(StringComparer.Ordinal)];
}
