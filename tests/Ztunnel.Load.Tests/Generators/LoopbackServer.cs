using Ztunnel.Load.Generators;

namespace Ztunnel.Load.Tests.Generators;

/// <summary>The server's applications on a thread of the test process, which ends with it.</summary>
public sealed class LoopbackServer
{
    public LoopbackServer()
    {
        using ManualResetEventSlim listening = new();
        new Thread(() => LoadServer.Run(threads: 2, listening.Set)) { IsBackground = true }.Start();
        listening.Wait();
    }
}
