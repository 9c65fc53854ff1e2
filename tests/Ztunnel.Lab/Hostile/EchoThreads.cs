using System.Net;
using System.Net.Sockets;

namespace Ztunnel.Lab;

/// <summary>
/// An echo server of as many threads as it has callers at a time: blocking calls, so that what is measured through it
/// does not depend on the test's own thread pool.
/// </summary>
public sealed class EchoThreads : IDisposable
{
    private const int BufferSize = 16 * 1024;

    private readonly Socket _listener;
    private readonly List<Thread> _threads = [];

    public EchoThreads(LabHost host, int threads)
    {
        _listener = RawConnection.Create(host, AddressFamily.InterNetwork);
        _listener.Bind(new IPEndPoint(IPAddress.Any, 0));
        _listener.Listen(threads);
        Endpoint = new IPEndPoint(host.V4, ((IPEndPoint)_listener.LocalEndPoint!).Port);
        for (int i = 0; i < threads; i++)
        {
            Thread thread = new(Serve) { IsBackground = true, Name = $"echo-{i}" };
            thread.Start();
            _threads.Add(thread);
        }
    }

    public IPEndPoint Endpoint { get; }

    // Its callers are closed first: a thread is never left with one.
    public void Dispose()
    {
        _listener.Dispose();
        _threads.ForEach(thread => thread.Join(Patience.Limit));
    }

    private void Serve()
    {
        byte[] buffer = new byte[BufferSize];
        while (true)
        {
            try
            {
                using Socket caller = _listener.Accept();
                caller.NoDelay = true;
                Echo(caller, buffer);
            }
            catch (SocketException failure) when (failure.SocketErrorCode == SocketError.ConnectionReset)
            {
                // A caller's end, not ours.
            }
            catch (Exception end) when (Ended.By(end))
            {
                return; // disposed
            }
        }
    }

    private static void Echo(Socket caller, byte[] buffer)
    {
        int read;
        while ((read = caller.Receive(buffer)) > 0)
        {
            for (ReadOnlySpan<byte> rest = buffer.AsSpan(0, read); !rest.IsEmpty;)
            {
                rest = rest[caller.Send(rest)..];
            }
        }
    }
}
