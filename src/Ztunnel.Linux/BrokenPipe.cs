using System.Runtime.InteropServices;

namespace Ztunnel.Linux;

/// <summary>
/// SIGPIPE, whose default is to end the process. The runtimes ignore it as well, but that is a habit of theirs, not a
/// promise; the cost of being wrong is the node's traffic.
/// </summary>
internal static partial class BrokenPipe
{
    private const int SIGPIPE = 13;
    private const nint SIG_IGN = 1;

    public static void Ignore() => _ = signal(SIGPIPE, SIG_IGN);

    [LibraryImport("libc")]
    private static partial nint signal(int number, nint handler);
}
