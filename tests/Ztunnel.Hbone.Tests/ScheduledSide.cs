using Ztunnel.Hbone.Http2;

namespace Ztunnel.Hbone.Tests;

/// <summary>
/// One side of a random schedule: sends numbered bytes on every stream, takes what comes at its own pace.
/// </summary>
internal sealed class ScheduledSide : IHttp2Events
{
    private readonly Random _random;
    private readonly Dictionary<int, Http2Stream> _streams = [];
    private readonly Dictionary<int, int> _toSend = [];
    private readonly Dictionary<int, int> _uncredited = [];
    private readonly HashSet<int> _writable = [];
    private readonly Queue<byte> _wire = new();
    private int _open;

    public ScheduledSide(Http2Role role, Http2Options options, Random random)
    {
        _random = random;
        Connection = new Http2Connection(role, options, this);
        Connection.Start(0);
    }

    public Http2Connection Connection { get; }

    /// <summary>Bytes per stream.</summary>
    public SortedDictionary<int, int> Sent { get; } = [];

    public SortedDictionary<int, int> Received { get; } = [];

    public bool IsDone => _open == 0 && Received.Count == 10 && Connection.Output.IsEmpty;

    public void OpenStream(int length) => Add(Connection.Open(Peer.Request(), null), length);

    public void Step(ScheduledSide other)
    {
        switch (_random.Next(4))
        {
            case 0:
                SendSome();
                break;
            case 1:
                CreditSome();
                break;
            case 2:
                Flush(other);
                break;
            default:
                Read();
                break;
        }
    }

    public void OnRequest(Http2Stream stream, Http2Request request, bool endStream)
    {
        Connection.Respond(stream, 200, "service.name=s", endStream: false);
        Add(stream, _random.Next(0, 500_000));
    }

    public void OnResponse(Http2Stream stream, Http2Response response, bool endStream) => _writable.Add(stream.Id);

    public void OnData(Http2Stream stream, ReadOnlySpan<byte> data, bool endStream)
    {
        int received = Received.GetValueOrDefault(stream.Id);
        foreach (byte value in data)
        {
            Assert.Equal(Pattern(stream.Id, received++), value);
        }

        Received[stream.Id] = received;
        _uncredited[stream.Id] += data.Length;
    }

    public void OnWritable(Http2Stream stream) => _writable.Add(stream.Id);

    public void OnClosed(Http2Stream stream) => _open--;

    public void OnReset(Http2Stream stream, Http2ErrorCode code, ResetSource source) => Assert.Fail($"{code} {source}");

    public void OnSettings()
    {
    }

    public void OnGoAway(int lastStreamId, Http2ErrorCode code) => Assert.Fail("GOAWAY");

    public void OnDrained() => Assert.Fail("drained");

    public void OnPong(long roundTripMilliseconds) => Assert.Fail("PONG");

    public void OnAbuse(AbuseKind kind) => Assert.Fail(kind.ToString());

    private void Add(Http2Stream stream, int length)
    {
        _open++;
        _streams.Add(stream.Id, stream);
        _toSend.Add(stream.Id, length);
        _uncredited.Add(stream.Id, 0);
        Sent[stream.Id] = 0;
        if (Connection.Role == Http2Role.Server)
        {
            _writable.Add(stream.Id);
        }
    }

    private void SendSome()
    {
        if (_writable.Count == 0)
        {
            return;
        }

        Http2Stream stream = _streams[_writable.ElementAt(_random.Next(_writable.Count))];
        int left = _toSend[stream.Id];
        if (left == 0)
        {
            _writable.Remove(stream.Id);
            Connection.EndStream(stream);
            return;
        }

        int allowance = Connection.SendAllowance(stream);
        if (allowance == 0)
        {
            _writable.Remove(stream.Id); // from now on only OnWritable brings it back
            return;
        }

        int length = Math.Min(Math.Min(left, allowance), _random.Next(1, Connection.PeerMaxFrameSize + 1));
        byte[] data = new byte[length];
        for (int i = 0; i < length; i++)
        {
            data[i] = Pattern(stream.Id, Sent[stream.Id] + i);
        }

        Sent[stream.Id] += length;
        _toSend[stream.Id] -= length;
        bool end = length == left && _random.Next(2) == 0;
        if (end)
        {
            _writable.Remove(stream.Id);
        }

        Connection.QueueData(stream, data, end);
    }

    private void CreditSome()
    {
        foreach (Http2Stream stream in _streams.Values)
        {
            int credit = _random.Next(_uncredited[stream.Id] + 1);
            credit = credit < 100 ? _uncredited[stream.Id] : credit;
            Connection.Credit(stream, credit);
            _uncredited[stream.Id] -= credit;
        }
    }

    private void Flush(ScheduledSide other)
    {
        int count = _random.Next(Connection.Output.Length + 1);
        foreach (byte octet in Connection.Output.Pending[..count])
        {
            other._wire.Enqueue(octet);
        }

        Connection.Output.Advance(count);
    }

    private void Read()
    {
        byte[] bytes = new byte[_random.Next(_wire.Count + 1)];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = _wire.Dequeue();
        }

        Connection.Receive(bytes, 0);
        Connection.ServeReady(int.MaxValue);
    }

    private static byte Pattern(int stream, int position) => (byte)((stream * 31) + (position * 7) + (position >> 8));
}
