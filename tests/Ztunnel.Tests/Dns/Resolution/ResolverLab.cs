using Ztunnel.Dns.Messages;
using Ztunnel.Dns.Resolution;
using Ztunnel.State;
using Ztunnel.Tests.Dns.Messages;
using Ztunnel.Tests.State;

namespace Ztunnel.Tests.Dns.Resolution;

/// <summary>Asks a resolver about services that are written shortly: the client is in namespace ns1.</summary>
internal sealed class ResolverLab(params object[] resources)
{
    private readonly byte[] _answer = new byte[65_535];

    public SearchScope Scope { get; init; } = new("ns1", "cluster.local", null);

    public string Network { get; init; } = "";

    public bool HasV6 { get; init; } = true;

    public MeshSnapshot Mesh { get; } = TestMesh.Snapshot(resources);

    public static Service Service(string key, params string[] vips) => new()
    {
        Name = TestMesh.Name(key).Hostname.Split('.')[0],
        Namespace = TestMesh.Name(key).Namespace,
        Hostname = TestMesh.Name(key).Hostname,
        Vips = [.. vips.Select(TestMesh.Address)],
    };

    /// <summary>The records as text, one a line; null: forwarded.</summary>
    public IReadOnlyList<string>? Ask(string name, ushort type = Wire.A) => Ask(Wire.Query(name, type), 65_535)?.Records;

    public Wire.Answer? Ask(byte[] message, int limit)
    {
        Assert.Equal(QueryStatus.Question, DnsQuery.TryRead(message, out DnsQuery query));
        MeshResolver resolver = new(HasV6, new Random(5));
        Last = resolver.Answer(in query, Mesh, new Asker(Network, Scope), _answer, limit);
        return Last.Outcome == Outcome.Forward ? null : Wire.Read(_answer.AsSpan(0, Last.Length));
    }

    public LocalAnswer Last { get; private set; }
}
