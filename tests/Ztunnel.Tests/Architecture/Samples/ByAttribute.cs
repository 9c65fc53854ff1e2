using Ztunnel.Tests.Architecture.Samples.Proxy;

namespace Ztunnel.Tests.Architecture.Samples.State;

internal static class ByAttribute
{
    [Upper]
    public static void Marked()
    {
    }
}
