using System.Security.Cryptography;
using Ztunnel.Config;
using Ztunnel.OpenSsl;
using Ztunnel.Tests.OpenSsl;
using Ztunnel.Tls;

namespace Ztunnel.Tests.Tls;

public sealed class WorkloadTlsTests : IDisposable
{
    private const string CartUri = "spiffe://td/ns/shop/sa/cart";

    private readonly MeshLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Dispose_CertificateRenewed_OldConnectionsLiveOnAndNewOnesUseTheNew()
    {
        WorkloadTls old = _lab.Workload(CartUri);
        WorkloadTls peer = _lab.Workload(CartUri);
        MeshPair before = _lab.Connect(peer, old, MeshLab.Cart);
        using MeshSession inProgress = old.Accept(MeshLab.NoRevocations);
        WorkloadTls renewed = _lab.Workload(CartUri, "spiffe://td/ns/shop/sa/renewed");
        old.Dispose();

        MeshPair after = _lab.Connect(peer, renewed, MeshLab.Cart);
        using MeshPair late = new(peer.Connect([MeshLab.Cart], MeshLab.NoRevocations), inProgress);

        Assert.True(before.CarriesData() && after.CarriesData() && late.CarriesData());
        Assert.Equal(2, after.Client.Session.PeerUris.Count);
        Assert.Throws<ObjectDisposedException>(() => old.Accept(MeshLab.NoRevocations));
        Assert.Throws<ObjectDisposedException>(() => old.Connect([MeshLab.Cart], MeshLab.NoRevocations));
    }

    [Fact]
    public void Create_KeyOfAnother_IsRefusedAtOnceAndLeavesTheKey()
    {
        using EvpKey key = EvpKey.GenerateP256();
        using EvpKey other = EvpKey.GenerateP256();
        byte[] leaf = _lab.Root.Issue(key, new TestLeaf(CartUri));

        CryptographicException refused = Assert.Throws<CryptographicException>(
            () => new WorkloadTls(MeshLab.Cart, other, [leaf], [_lab.Root.Der]));

        Assert.Equal("cannot use private key: key values mismatch", refused.Message);
        Assert.NotEmpty(other.SubjectPublicKeyInfo());
    }

    [Fact]
    public void Dispose_NeverUsed_IsFine() => _lab.Workload(CartUri).Dispose();

    [Fact]
    public void Options_Tls12Allowed_StillPrefers13()
    {
        TlsOptions both = new() { AllowsTls12 = true };

        MeshPair pair = _lab.Connect(
            _lab.Workload(new TestLeaf(CartUri), options: both),
            _lab.Workload(new TestLeaf(CartUri), options: both),
            MeshLab.Cart);

        Assert.Equal("TLSv1.3", pair.Client.Session.Protocol);
    }

    [Fact]
    public void Check_PostQuantumDemanded_PassesOnlyWhereTheLibraryHasIt()
    {
        TlsRequirements.Check(new TlsOptions());
        TlsOptions postQuantum = new() { RequiresPostQuantum = true };
        if (OpenSslLibrary.HasGroup(TlsContext.PostQuantumGroup))
        {
            TlsRequirements.Check(postQuantum);
            WorkloadTls both = _lab.Workload(new TestLeaf(CartUri), options: postQuantum);
            Assert.True(_lab.Connect(both, both, MeshLab.Cart).CarriesData());
            return;
        }

        OpenSslMissingException missing =
            Assert.Throws<OpenSslMissingException>(() => TlsRequirements.Check(postQuantum));
        Assert.Equal(
            $"COMPLIANCE_POLICY=pqc needs the key exchange X25519MLKEM768, which {OpenSslLibrary.Version} does not "
            + "have: use OpenSSL 3.5, or unset the variable",
            missing.Message);
    }
}
