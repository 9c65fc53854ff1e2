using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Ztunnel.Lab;

/// <summary>One application that asks, waits for the answer and asks again.</summary>
internal sealed class InnocentCaller(LabHost from, IPEndPoint to, bool reconnects) : IDisposable
{
    private const int RequestSize = 256;

    // Longer than any proxy deadline: a request that takes it has failed.
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(15);

    private readonly byte[] _request = new byte[RequestSize];
    private readonly byte[] _answer = new byte[RequestSize];
    private Socket? _socket;

    public bool Reconnects => reconnects;

    /// <summary>Asks until that moment of the monotonic clock and adds every request's time, in ticks of it.</summary>
    public void CallUntil(long end, List<long> times, List<string> errors)
    {
        while (Stopwatch.GetTimestamp() < end)
        {
            long start = Stopwatch.GetTimestamp();
            try
            {
                Exchange();
            }
            catch (Exception failure) when (Ended.By(failure))
            {
                errors.Add(failure.Message);
                Dispose();
            }

            times.Add(Stopwatch.GetTimestamp() - start);
        }
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private void Exchange()
    {
        _socket ??= Connect();
        Random.Shared.NextBytes(_request);
        _socket.Send(_request);
        for (int received = 0; received < RequestSize;)
        {
            int read = _socket.Receive(_answer.AsSpan(received));
            received += read > 0 ? read : throw new IOException("the connection was closed");
        }

        if (!_request.AsSpan().SequenceEqual(_answer))
        {
            throw new IOException("the answer differs from the request");
        }

        if (reconnects)
        {
            Dispose();
        }
    }

    private Socket Connect()
    {
        Socket socket = RawConnection.Create(from, to.AddressFamily);
        try
        {
            socket.NoDelay = true;
            socket.SendTimeout = socket.ReceiveTimeout = (int)s_timeout.TotalMilliseconds;
            socket.Connect(to);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
