using Ztunnel.Tests.Architecture.Samples.Proxy;

namespace Ztunnel.Tests.Architecture.Samples.State;

internal static class ByCatch
{
    public static bool Try(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (UpperException)
        {
            return false;
        }
    }
}
