using Ztunnel.Config;
using Ztunnel.Identity;
using Ztunnel.OpenSsl;
using Ztunnel.Tests.OpenSsl;
using Ztunnel.Tls;

namespace Ztunnel.Tests.Tls;

/// <summary>Workloads of one mesh, under one root, and connections between them.</summary>
internal sealed class MeshLab : IDisposable
{
    public static readonly SpiffeId Cart = new("td", "shop", "cart");

    public static Revocations NoRevocations { get; } = new();

    private readonly List<IDisposable> _owned = [];

    public TestRoot Root { get; } = new();

    public WorkloadTls Workload(params string[] uris) => Workload(new TestLeaf(uris));

    public WorkloadTls Workload(TestLeaf leaf, TestRoot? root = null, TlsOptions? options = null)
    {
        EvpKey key = EvpKey.GenerateP256();
        return Own(new WorkloadTls(Cart, key, [(root ?? Root).Issue(key, leaf)], [Root.Der], options));
    }

    public MeshPair Connect(WorkloadTls client, WorkloadTls server, params SpiffeId[] expected) =>
        Connect(client, server, NoRevocations, expected);

    public MeshPair Connect(WorkloadTls client, WorkloadTls server, Revocations revocations, params SpiffeId[] expected) =>
        Own(new MeshPair(client.Connect(expected, revocations), server.Accept(revocations)));

    public void Dispose()
    {
        _owned.ForEach(owned => owned.Dispose());
        Root.Dispose();
    }

    private T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
