using Ztunnel.Dns.Forwarding;
using Ztunnel.Linux;

namespace Ztunnel.Dns;

/// <summary>
/// A pod's UDP port: reads what is there, a batch at a time, and answers the batch with one call. What must wait keeps
/// the sender's address and is answered from the same socket.
/// </summary>
internal sealed class UdpServer(DnsPod pod, QueryHandler handler, UdpSocket socket) : IEpollHandler, IQuerySource
{
    /// <summary>
    /// Queries of one slice while no other pod asks: as many as are worth a system call.
    /// </summary>
    public const int Batch = 16;

    /// <summary>The most a datagram carries over IPv4.</summary>
    public const int MaxAnswer = 65_507;

    private int _current;

    public TurnAccount Account => pod.Account;

    public bool IsOverTcp => false;

    private DnsServices Services => pod.Services;

    public void Begin() => Services.Worker.Watch(socket, EpollEvents.In, this);

    public void OnEvents(EpollEvents events) => ReadBatch();

    public IReplyTo Detach(int limit) => new Later(this, Services.Received.SourceOf(_current), limit);

    /// <summary>
    /// Takes no new query and lets another instance have them; what was queued is still answered, and what waits will be.
    /// </summary>
    public void Drain()
    {
        _ = socket.Isolate(); // where it fails the queue is read all the same, and what comes after it is lost
        while (ReadBatch())
        {
        }

        Services.Worker.Unwatch(socket);
    }

    /// <summary>Without a drain, from within its loop: nothing of the socket is left.</summary>
    public void Close()
    {
        Services.Worker.Forget(socket);
        socket.Dispose();
    }

    /// <returns>Whether there may be more.</returns>
    private bool ReadBatch()
    {
        ReceivedDatagrams batch = Services.Received;

        // One pod's full batch takes longer than another's whole question and answer.
        int most = Services.Worker.IsContended ? 1 : Batch;
        if (!batch.Receive(socket, most).IsOk)
        {
            return false;
        }

        for (_current = 0; _current < batch.Count; _current++)
        {
            if (Services.Replies.Room.Length < MaxAnswer)
            {
                Send();
            }

            if (CanBeAnswered(batch.SourceOf(_current)))
            {
                Answer(batch);
            }
        }

        Send();
        return batch.IsFull;
    }

    private void Answer(ReceivedDatagrams batch)
    {
        int length = handler.Handle(batch[_current], Services.Replies.Room, this);
        if (length > 0)
        {
            Services.Replies.Add(length, batch, _current);
        }
    }

    private void Send()
    {
        if (!Services.Replies.IsEmpty && Services.Replies.Send(socket) is > 0 and int lost)
        {
            Services.Metrics.Limits.Lost(lost);
        }
    }

    private static bool CanBeAnswered(InetEndpoint client) =>
        client.Port != 0 && !client.Address.IsUnspecified && client.Address != InetAddress.V4(uint.MaxValue);

    private void SendLate(ReadOnlySpan<byte> message, InetEndpoint client)
    {
        if (!socket.IsClosed && !socket.SendTo(message, client).IsOk)
        {
            Services.Metrics.Limits.Lost(1);
        }
    }

    private sealed class Later(UdpServer server, InetEndpoint client, int limit) : IReplyTo
    {
        public bool IsOverTcp => false;

        public int Limit => limit;

        public void Reply(ReadOnlySpan<byte> message) => server.SendLate(message, client);
    }
}
