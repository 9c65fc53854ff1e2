using Ztunnel.Linux;

namespace Ztunnel.Load.Generators;

/// <summary>The applications in the server's pod: an echo, a sink and a source, each on every thread.</summary>
internal static class LoadServer
{
    public const ushort EchoPort = 7000;
    public const ushort SinkPort = 7001;
    public const ushort SourcePort = 7002;

    /// <summary>Does not return; ends with its process.</summary>
    /// <param name="onListening">Called once every thread accepts.</param>
    public static void Run(int threads, Action onListening)
    {
        using CountdownEvent listening = new(threads);
        for (int i = 1; i < threads; i++)
        {
            new Thread(() => Serve(listening)) { IsBackground = true, Name = $"serve-{i}" }.Start();
        }

        new Thread(() =>
        {
            listening.Wait();
            onListening();
        })
        { IsBackground = true }.Start();
        Serve(listening);
    }

    private static void Serve(CountdownEvent listening)
    {
        using LoadLoop loop = new();
        Listen(EchoPort, (socket, at) => new EchoConnection(socket, at));
        Listen(SinkPort, (socket, at) => new SinkConnection(socket, at));
        Listen(SourcePort, (socket, at) => new SourceConnection(socket, at));
        listening.Signal();
        while (true)
        {
            loop.Turn(timeoutMilliseconds: -1);
        }

        void Listen(ushort port, Func<TcpSocket, LoadLoop, ServedConnection> serve) =>
            LoadListener.Start(port, loop, serve);
    }
}
