using Ztunnel.Tests.Architecture.Samples.Proxy;

namespace Ztunnel.Tests.Architecture.Samples.State;

internal abstract class ByParameter
{
    public abstract void Take(Upper[] forbidden);
}
