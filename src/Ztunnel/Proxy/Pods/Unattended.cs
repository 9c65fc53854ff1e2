using Microsoft.Extensions.Logging;

namespace Ztunnel.Proxy.Pods;

/// <summary>Sees to it that no failure of a set-up is lost, nor ends the worker.</summary>
internal static class Unattended
{
    public static void Attend(this IUnattended connection, Task setUp)
    {
        if (!setUp.IsCompletedSuccessfully)
        {
            _ = AwaitAsync(connection, setUp);
        }
    }

    private static async Task AwaitAsync(IUnattended connection, Task setUp)
    {
        try
        {
            await setUp;
        }
        catch (OperationCanceledException) when (connection.Pod.Pod.Aborted.IsCancellationRequested)
        {
            connection.OnAborted();
        }
        catch (Exception e) // whatever it is, it concerns this connection and no other
        {
            connection.Pod.Logger.Unforeseen(e.Message, e);
            connection.OnUnforeseen($"internal error: {e.Message}");
        }
    }
}
