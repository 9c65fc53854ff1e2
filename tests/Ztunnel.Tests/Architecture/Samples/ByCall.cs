using Ztunnel.Tests.Architecture.Samples.Proxy;

namespace Ztunnel.Tests.Architecture.Samples.State;

internal static class ByCall
{
    public static int Number() => Upper.Number;
}
