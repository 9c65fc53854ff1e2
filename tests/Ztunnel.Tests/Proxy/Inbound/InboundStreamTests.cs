using Ztunnel.Tests.Proxy.Outbound;

namespace Ztunnel.Tests.Proxy.Inbound;

public sealed class InboundStreamTests
{
    [Fact]
    public async Task Admit_PolicyIsAttachedWhileTheNameIsAskedFor_Counts()
    {
        await using OutboundLab lab = new(isHbone: true);

        Assert.Equal(401, await lab.RequestAsync("own.svc:80", lab.ForbiddenService()));
    }
}
