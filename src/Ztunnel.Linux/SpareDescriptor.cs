using Microsoft.Win32.SafeHandles;

namespace Ztunnel.Linux;

/// <summary>
/// A descriptor kept for the moment when there is none: given up for an instant, it lets a queued connection be
/// accepted and closed, so that its client is told instead of left waiting.
/// </summary>
public static class SpareDescriptor
{
    private static readonly Lock s_gate = new();
    private static SafeFileHandle? s_spare = Open();

    /// <summary>Makes sure the spare exists while descriptors are plenty.</summary>
    public static void Reserve()
    {
        lock (s_gate)
        {
            s_spare ??= Open();
        }
    }

    /// <returns>How many queued connections were closed.</returns>
    public static int Shed(TcpSocket listener, int most)
    {
        lock (s_gate)
        {
            if (s_spare is null)
            {
                s_spare = Open();
                return 0;
            }

            s_spare.Dispose();
            s_spare = null;
            int shed = 0;
            while (shed < most && listener.Accept(out _, out _) is { } socket)
            {
                socket.Reset();
                shed++;
            }

            s_spare = Open();
            return shed;
        }
    }

    private static SafeFileHandle? Open()
    {
        try
        {
            return File.OpenHandle("/dev/null");
        }
        catch (IOException) // another thread was faster; the next call tries again
        {
            return null;
        }
    }
}
