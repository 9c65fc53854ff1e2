using Ztunnel.Tests.Architecture.Samples.Proxy;

namespace Ztunnel.Tests.Architecture.Samples.State;

internal sealed class ByField
{
    public readonly Upper Forbidden = new();
}
