using Ztunnel.Tests.Architecture.Samples.Proxy;

namespace Ztunnel.Tests.Architecture.Samples.State;

internal static class ByAwait
{
    public static async Task<bool> IsThereAsync() => await Upper.FindAsync() is not null;
}
