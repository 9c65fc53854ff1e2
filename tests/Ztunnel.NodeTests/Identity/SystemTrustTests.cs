using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Identity;

/// <summary>The operating system's trust store: read where it is asked for, and only there.</summary>
public sealed class SystemTrustTests(NodeLab lab) : IClassFixture<NodeLab>
{
    private static readonly DateTime s_longAgo = DateTime.UtcNow.AddDays(-2); // read(2) moves it, however rarely it may

    [Fact]
    public async Task Roots_OfTheSystem_AreTrusted() => Assert.True(await IsStoreReadAsync(roots: "SYSTEM"));

    [Fact]
    public async Task Roots_FromAFile_LeaveTheStoreOfTheSystemUnread() =>
        Assert.False(await IsStoreReadAsync(roots: lab.ControlPlane.RootFile));

    private async Task<bool> IsStoreReadAsync(string roots)
    {
        Pod pod = lab.AddPod();
        string store = Path.Combine(lab.Network.Folder, Guid.NewGuid().ToString("N"));
        File.Copy(lab.ControlPlane.RootFile, store);
        File.SetLastAccessTimeUtc(store, s_longAgo);
        using ZtunnelProcess proxy = await lab.Start([pod], options => options.With(
            ("SSL_CERT_FILE", store), ("XDS_ROOT_CA", roots), ("CA_ROOT_CA", roots))).ReadyAsync();

        await lab.AssertServedAsync(pod); // with a certificate of the CA, by the mesh of the control plane

        return File.GetLastAccessTimeUtc(store) > s_longAgo.AddDays(1);
    }
}
