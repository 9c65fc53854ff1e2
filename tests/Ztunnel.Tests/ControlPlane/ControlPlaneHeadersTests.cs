using Grpc.Core;
using Ztunnel.Config;
using Ztunnel.ControlPlane;
using Ztunnel.Tests.Hosting;

namespace Ztunnel.Tests.ControlPlane;

public sealed class ControlPlaneHeadersTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ReadAsync_TokenFile_IsReadEveryTimeAndTrimmedAtItsEnd()
    {
        string path = Path.Combine(_folder.Path, "token");
        ControlPlaneHeaders headers = new(new AuthToken(path, null), "c1", [new("x-extra", "yes")]);
        await File.WriteAllTextAsync(path, "one \r\n\n");
        Metadata first = await headers.ReadAsync(CancellationToken.None);
        await File.WriteAllTextAsync(path, "two");

        Assert.Equal("Bearer one", first.GetValue("authorization"));
        Assert.Equal("c1", first.GetValue("clusterid"));
        Assert.Equal("yes", first.GetValue("x-extra"));
        Assert.Equal("Bearer two", (await headers.ReadAsync(CancellationToken.None)).GetValue("authorization"));
    }

    [Fact]
    public async Task ReadAsync_NoToken_SendsNoClusterEither()
    {
        Metadata read = await new ControlPlaneHeaders(null, "c1", []).ReadAsync(CancellationToken.None);

        Assert.Empty(read);
    }

    [Theory]
    [InlineData("", "token from (literal) is empty")]
    [InlineData(" \n", "token from (literal) is empty")]
    [InlineData("se cret", "token from (literal) is not visible ASCII")]
    [InlineData("sécret", "token from (literal) is not visible ASCII")]
    public async Task ReadAsync_UnusableToken_IsNotShown(string token, string reason)
    {
        ControlPlaneHeaders headers = new(new AuthToken(null, token), "c1", []);

        ControlPlaneException failure = await Assert.ThrowsAsync<ControlPlaneException>(
            async () => await headers.ReadAsync(CancellationToken.None));

        Assert.Equal(reason, failure.Message);
    }

    [Fact]
    public async Task ReadAsync_FileIsGone_SaysWhich()
    {
        string path = Path.Combine(_folder.Path, "none");
        ControlPlaneHeaders headers = new(new AuthToken(path, null), "c1", []);

        ControlPlaneException failure = await Assert.ThrowsAsync<ControlPlaneException>(
            async () => await headers.ReadAsync(CancellationToken.None));

        Assert.StartsWith("token file: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains(path, failure.Message, StringComparison.Ordinal);
    }
}
