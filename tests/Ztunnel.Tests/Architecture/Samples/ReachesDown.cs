using Ztunnel.Tests.Architecture.Samples.State;

namespace Ztunnel.Tests.Architecture.Samples.Proxy;

internal sealed class ReachesDown
{
    public Lower? Allowed { get; set; }
}
