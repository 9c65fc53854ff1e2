using Ztunnel.Tests.Architecture.Samples.Proxy;

namespace Ztunnel.Tests.Architecture.Samples.State;

internal sealed class ByGenericArgument
{
    public static object New() => new List<Dictionary<int, Upper>>();
}
