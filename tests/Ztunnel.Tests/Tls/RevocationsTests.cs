using System.Security.Cryptography;
using System.Text;
using Ztunnel.OpenSsl;
using Ztunnel.Tests.OpenSsl;
using Ztunnel.Tls;

namespace Ztunnel.Tests.Tls;

/// <summary>Where lists come from, and what becomes of bad ones.</summary>
public sealed class RevocationsTests : IDisposable
{
    private const string CartUri = "spiffe://td/ns/shop/sa/cart";

    private readonly MeshLab _lab = new();
    private readonly Revocations _revocations = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Set_OfOneSource_LeavesTheOthersAlone()
    {
        WorkloadTls first = _lab.Workload(CartUri);
        WorkloadTls second = _lab.Workload(CartUri);
        List<int> told = [];
        _revocations.Changed += lists => told.Add(lists.Count);

        _revocations.Set("file", [Revoke(first)]);
        _revocations.Set("secret", [Revoke(second)]);
        Assert.False(MayCall(first) || MayCall(second));

        _revocations.Set("file", []);
        Assert.True(MayCall(first));
        Assert.False(MayCall(second));

        _revocations.Set("secret", []);
        Assert.Null(_revocations.Current);
        Assert.True(MayCall(second));
        Assert.Equal([1, 2, 1], told);
    }

    [Fact]
    public void Set_OneIsUnreadable_EverythingStaysAsItWas()
    {
        WorkloadTls workload = _lab.Workload(CartUri);
        _revocations.Set("file", [Revoke(workload)]);

        Assert.Throws<CryptographicException>(() => _revocations.Set("file", [Revoke(_lab.Workload(CartUri)), [1, 2, 3]]));

        Assert.False(MayCall(workload));
    }

    [Fact]
    public void Read_PemWithOtherBlocks_TakesTheListsInOrder()
    {
        byte[] one = Revoke(_lab.Workload(CartUri));
        byte[] two = Revoke(_lab.Workload(CartUri));
        string other = PemEncoding.WriteString("CERTIFICATE", _lab.Root.Der) + "\n";
        string text = "a comment\n" + TestCrl.Pem(one) + other + TestCrl.Pem(two);

        Assert.Equal([one, two], RevocationText.Read(Encoding.ASCII.GetBytes(text)));
    }

    [Fact]
    public void Read_Der_IsTheOneList()
    {
        byte[] der = Revoke(_lab.Workload(CartUri));

        Assert.Equal([der], RevocationText.Read(der));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("nothing to see here")]
    public void Read_NoList_IsNone(string text) => Assert.Empty(RevocationText.Read(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Read_PemCutAnywhere_IsNoneOrRefusedButNeverHalf()
    {
        byte[] der = Revoke(_lab.Workload(CartUri));
        byte[] text = Encoding.ASCII.GetBytes(TestCrl.Pem(der));
        int begun = "-----BEGIN X509 CRL-----".Length;
        for (int length = 0; length < text.Length - 1; length++)
        {
            byte[] cut = text[..length];
            if (length < begun)
            {
                Assert.Empty(RevocationText.Read(cut));
            }
            else
            {
                Assert.Throws<CryptographicException>(() => RevocationText.Read(cut));
            }
        }
    }

    private byte[] Revoke(WorkloadTls workload) => TestCrl.Der(_lab.Root, null, workload.Chain[0]);

    private bool MayCall(WorkloadTls client) => _lab
        .Connect(client, _lab.Workload(CartUri), _revocations, MeshLab.Cart).ServerStatus == TlsStatus.Ok;
}
