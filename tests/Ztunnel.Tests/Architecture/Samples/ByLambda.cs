using Ztunnel.Tests.Architecture.Samples.Proxy;

namespace Ztunnel.Tests.Architecture.Samples.State;

internal static class ByLambda
{
    public static Func<int> Later() => static () => Upper.Number;
}
