using Ztunnel.OpenSsl;

namespace Ztunnel.Tests.OpenSsl;

/// <summary>One root, and ends made from it; each end may differ in what the test is about.</summary>
internal sealed class TlsLab : IDisposable
{
    public const string Uri = "spiffe://td/ns/a/sa/b";

    private readonly List<IDisposable> _owned = [];

    public TlsLab() => Key = Own(EvpKey.GenerateP256());

    public TestRoot Root { get; } = new();

    public EvpKey Key { get; }

    public TlsContext Context(
        TlsRole role,
        TestLeaf? leaf = null,
        IReadOnlyList<byte[]>? chain = null,
        IReadOnlyList<byte[]>? roots = null,
        TlsContextOptions? options = null) => Own(TlsContext.Create(
            role,
            options ?? new TlsContextOptions(),
            Key,
            chain ?? [Root.Issue(Key, leaf ?? new TestLeaf(Uri))],
            roots ?? [Root.Der]));

    public TlsPair Pair(
        TlsContext? client = null,
        TlsContext? server = null,
        ITlsPeerCheck? clientCheck = null,
        ITlsPeerCheck? serverCheck = null) => Own(new TlsPair(
            new TlsSession(client ?? Context(TlsRole.Client), clientCheck ?? new RecordingCheck()),
            new TlsSession(server ?? Context(TlsRole.Server), serverCheck ?? new RecordingCheck())));

    public TlsPair Connected()
    {
        TlsPair pair = Pair();
        Assert.Equal((TlsStatus.Ok, TlsStatus.Ok), pair.Handshake());
        return pair;
    }

    public TestRoot Authority(string name, TestRoot? issuer = null, bool isAuthority = true, int days = 3650) =>
        Own(new TestRoot(name, issuer, isAuthority, days));

    public void Dispose()
    {
        _owned.ForEach(owned => owned.Dispose());
        Root.Dispose();
    }

    /// <summary>Disposed with the lab.</summary>
    public T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
