using Ztunnel.Certificates;
using Ztunnel.Config;
using Ztunnel.Identity;
using Ztunnel.Protos.Secrets;
using Ztunnel.Tests.OpenSsl;
using Ztunnel.Tls;

namespace Ztunnel.Tests.Certificates.Secrets;

public sealed class SecretStoreTests : IAsyncLifetime
{
    private static readonly SpiffeId s_cart = SecretLab.Cart;
    private static readonly SpiffeId s_web = new("cluster.local", "shop", "web");

    private readonly SecretLab _lab = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [Theory, InlineData(true), InlineData(false)]
    public async Task GetAsync_CertificateAndRootsInEitherOrder_Comes(bool bundleFirst)
    {
        Task<WorkloadTls> waiting = GetAsync(s_cart);
        Assert.Equal([SecretLab.Bundle, s_cart.ToString()], _lab.Names.Order());

        Assert.Null(bundleFirst ? _lab.SendBundle() : _lab.SendCertificate(s_cart));
        Assert.False(waiting.IsCompleted);
        Assert.Null(bundleFirst ? _lab.SendCertificate(s_cart) : _lab.SendBundle());
        WorkloadTls tls = await waiting.WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(s_cart, tls.Identity);
        Assert.Single(tls.Chain); // the root at its end is the bundle's
        Assert.Equal(_lab.Root.Der, Assert.Single(tls.Roots));
        CertificateStatus status = Assert.Single(_lab.Store.List());
        Assert.Equal("Available", status.State);
        Assert.True(GetAsync(s_cart).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task OnResource_NewCertificate_ReplacesTheOld()
    {
        WorkloadTls first = await ObtainAsync(s_cart);

        Assert.Null(_lab.SendCertificate(s_cart));
        WorkloadTls second = await GetAsync(s_cart);

        Assert.NotSame(first, second);
        Assert.NotEqual(first.Chain[0], second.Chain[0]);
        Assert.Equal(2, _lab.Store.Issued);
    }

    [Fact]
    public async Task OnResource_NewBundle_AppliesToEveryIdentity()
    {
        using TestRoot added = new("added");
        await ObtainAsync(s_cart);
        await ObtainAsync(s_web);

        Assert.Null(_lab.SendBundle(_lab.Root, added));

        Assert.Equal(2, (await GetAsync(s_cart)).Roots.Count);
        Assert.Equal(2, (await GetAsync(s_web)).Roots.Count);
    }

    [Fact]
    public async Task OnResource_WrongKey_IsRefusedAndTheOldStays()
    {
        WorkloadTls old = await ObtainAsync(s_cart);

        string? refusal = _lab.SendCertificate(s_cart, change: tls => tls.PrivateKey =
            SecretLab.CertificateOf(s_cart, _lab.Root).TlsCertificate.PrivateKey);

        Assert.Equal("private_key does not belong to the certificate", refusal);
        Assert.Same(old, await GetAsync(s_cart));
        Assert.Equal(1, _lab.Store.Failed);
    }

    [Fact]
    public async Task OnResource_WrongIdentity_IsRefusedAndWaitersLearnWhy()
    {
        _lab.SendBundle();
        Task<WorkloadTls> waiting = GetAsync(s_cart);

        string? refusal = _lab.SendCertificate(s_cart, new TestLeaf(s_web.ToString()));

        Assert.Equal($"the certificate is not for {s_cart}", refusal);
        CertificateException error = await Assert.ThrowsAsync<CertificateException>(() => waiting);
        Assert.Equal(refusal, error.Message);
        Assert.Equal($"Unavailable: {refusal}", Assert.Single(_lab.Store.List()).State);
    }

    [Fact]
    public async Task OnResource_GoodAfterBad_IsUsed()
    {
        _lab.SendBundle();
        _ = GetAsync(s_cart);
        Assert.NotNull(_lab.SendCertificate(s_cart, new TestLeaf(s_web.ToString())));

        Assert.Null(_lab.SendCertificate(s_cart));

        Assert.Equal(s_cart, (await GetAsync(s_cart)).Identity);
    }

    [Fact]
    public async Task OnResource_ForeignRoots_NothingIsHandedOutUntilTheyFit()
    {
        using TestRoot foreign = new("foreign");
        Assert.Null(_lab.SendBundle(foreign));
        Task<WorkloadTls> waiting = GetAsync(s_cart);

        Assert.Null(_lab.SendCertificate(s_cart)); // good by itself: the roots may be on their way
        await Assert.ThrowsAsync<CertificateException>(() => waiting);
        Assert.Null(_lab.SendBundle());

        Assert.Equal(s_cart, (await GetAsync(s_cart)).Identity);
    }

    [Fact]
    public async Task OnResource_EmptyBundle_IsRefusedAndTheOldStays()
    {
        WorkloadTls old = await ObtainAsync(s_cart);

        Assert.Equal("trusted_ca has no root certificate", _lab.Send(SecretLab.BundleOf()));

        Assert.Same(old, await GetAsync(s_cart));
    }

    [Fact]
    public async Task OnResource_BundleWithRevocationLists_PutsThemIntoForce()
    {
        WorkloadTls tls = await ObtainAsync(s_cart);
        var secret = SecretLab.BundleOf(_lab.Root);
        secret.ValidationContext.Crl = new DataSource
        {
            InlineString = TestCrl.Pem(TestCrl.Der(_lab.Root, revoked: tls.Chain[0])),
        };

        Assert.Null(_lab.Send(secret));
        Assert.Equal(1, _lab.Revocations.Current!.Count);
        Assert.Null(_lab.SendBundle());

        Assert.Null(_lab.Revocations.Current); // the bundle of now has none
    }

    [Theory]
    [InlineData("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")]
    [InlineData("-----BEGIN X509 CRL-----\nAAAA")]
    public async Task OnResource_BundleWithDamagedLists_IsRefusedAsAWhole(string pem)
    {
        using TestRoot added = new("added");
        await ObtainAsync(s_cart);
        var secret = SecretLab.BundleOf(_lab.Root, added);
        secret.ValidationContext.Crl = new DataSource { InlineString = pem };

        Assert.NotNull(_lab.Send(secret));

        Assert.Single((await GetAsync(s_cart)).Roots);
    }

    [Fact]
    public async Task OnRemoved_KeepsTheCertificateUntilItExpires()
    {
        WorkloadTls old = await ObtainAsync(s_cart);

        _lab.Remove(s_cart.ToString());

        Assert.Same(old, await GetAsync(s_cart));
        _lab.Clock.Advance(TimeSpan.FromHours(2));
        CertificateException error = await Assert.ThrowsAsync<CertificateException>(() => GetAsync(s_cart));
        Assert.Equal($"the server has no secret {s_cart}", error.Message);
    }

    [Fact]
    public async Task OnRemoved_NameTheServerNeverHad_WaitersLearnIt()
    {
        Task<WorkloadTls> waiting = GetAsync(s_cart);

        _lab.Remove(s_cart.ToString());

        await Assert.ThrowsAsync<CertificateException>(() => waiting);
    }

    [Fact]
    public async Task NothingSentForNineTenthsOfItsLife_AsksAgain()
    {
        await ObtainAsync(s_cart); // 65 minutes long, five of them gone

        _lab.Clock.Advance(TimeSpan.FromMinutes(53));
        Assert.Equal(1, Asked());
        _lab.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(2, Asked());
        _lab.Clock.Advance(TimeSpan.FromMinutes(4));
        Assert.InRange(Asked(), 3, 6);

        int Asked() => _lab.Subscriptions.Count(name => name == s_cart.ToString());
    }

    [Fact]
    public async Task Forget_UnsubscribesAndEndsWaiting()
    {
        Task<WorkloadTls> waiting = GetAsync(s_cart);

        _lab.Store.Forget(s_cart);

        CertificateException error = await Assert.ThrowsAsync<CertificateException>(() => waiting);
        Assert.Equal("the identity is no longer needed", error.Message);
        Assert.Equal([SecretLab.Bundle], _lab.Names);
        Assert.Null(_lab.SendCertificate(s_cart)); // was on its way
        Assert.Empty(_lab.Store.List());
    }

    [Fact]
    public async Task OneNameForAll_ServesThatSecret()
    {
        await using SecretLab lab = new(new SecretOptions { CertificateName = "default" });
        Task<WorkloadTls> waiting = lab.Store.GetAsync(s_cart, CertificatePriority.RealTime, default).AsTask();
        lab.SendBundle();
        var secret = SecretLab.CertificateOf(s_cart, lab.Root);
        secret.Name = "default";

        Assert.Null(lab.Send(secret));

        Assert.Equal(s_cart, (await waiting.WaitAsync(TimeSpan.FromSeconds(10))).Identity);
    }

    [Fact]
    public async Task OneNameForSeveral_ServesWhomItIsFor()
    {
        await using SecretLab lab = new(new SecretOptions { CertificateName = "default" });
        SpiffeId[] ids =
            [.. Enumerable.Range(0, 8).Select(static at => new SpiffeId("cluster.local", "shop", $"w{at}"))];
        lab.SendBundle();
        foreach (SpiffeId id in ids)
        {
            Task<WorkloadTls>[] waiting =
                [.. ids.Select(each => lab.Store.GetAsync(each, CertificatePriority.RealTime, default).AsTask())];
            var secret = SecretLab.CertificateOf(id, lab.Root);
            secret.Name = "default";

            Assert.Null(lab.Send(secret));

            Assert.Equal(id, (await lab.Store.GetAsync(id, CertificatePriority.RealTime, default)).Identity);
            await Task.WhenAll(waiting).ContinueWith(static all => all.Exception, TaskScheduler.Default);
        }
    }

    [Fact]
    public async Task OneNameForSeveral_IsAskedForAgainForWhoeverComesLater()
    {
        await using SecretLab lab = new(new SecretOptions { CertificateName = "default" });
        lab.Store.Prefetch(s_cart);

        lab.Store.Prefetch(s_web);

        Assert.Equal([SecretLab.Bundle, "default", "default"], lab.Subscriptions);
        Assert.Equal(["default"], lab.Ended); // else the second would be none
    }

    private Task<WorkloadTls> GetAsync(SpiffeId id) =>
        _lab.Store.GetAsync(id, CertificatePriority.RealTime, CancellationToken.None).AsTask();

    private async Task<WorkloadTls> ObtainAsync(SpiffeId id)
    {
        Task<WorkloadTls> waiting = GetAsync(id);
        Assert.Null(_lab.SendBundle());
        Assert.Null(_lab.SendCertificate(id));
        return await waiting.WaitAsync(TimeSpan.FromSeconds(10));
    }
}
