using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Ztunnel.Linux;

namespace Ztunnel.Load.Generators;

/// <summary>Asks and counts on one thread and one socket: see <see cref="DnsLoadOptions"/>.</summary>
internal sealed class DnsLoad : IDisposable
{
    private const int Batch = 64;
    private const int PollMilliseconds = 100;
    private const int Answered = 0x8580; // QR AA RD RA, and no error

    private static readonly long s_patience = Stopwatch.Frequency; // an answer that takes a second is lost

    private readonly DnsLoadOptions _options;
    private readonly UdpSocket _socket;
    private readonly Epoll _epoll = new(1);
    private readonly ReceivedDatagrams _received = new(Batch);
    private readonly LatencyHistogram _latencies = new();
    private readonly long[] _asked = new long[ushort.MaxValue + 1]; // when, by id; 0: not on its way
    private readonly byte[] _query;
    private readonly long _measureFrom;
    private readonly long _end;
    private ushort _next;
    private ushort _oldest;
    private int _waiting;
    private long _operations;
    private long _errors;

    private DnsLoad(DnsLoadOptions options)
    {
        _options = options;
        _query = Query(options.Name);
        _socket = UdpSocket.Create(options.Target.Address.IsV6);
        SocketOptions.SetReceiveBuffer(_socket, 4 * 1024 * 1024);
        IoResult connected = _socket.Connect(options.Target);
        if (!connected.IsOk)
        {
            throw InetSocket.Failure($"connect to {options.Target}", connected.Errno);
        }

        _epoll.Add(_socket.Descriptor, EpollEvents.In, 0);
        _measureFrom = Stopwatch.GetTimestamp() + (long)(options.WarmUpSeconds * Stopwatch.Frequency);
        _end = _measureFrom + (long)(options.Seconds * Stopwatch.Frequency);
    }

    public static RequestReport Run(DnsLoadOptions options)
    {
        using DnsLoad load = new(options);
        load.Drive();
        return new RequestReport(
            load._operations,
            load._errors,
            load._latencies.Count / options.Seconds,
            load._latencies.PercentileMicroseconds(0.5),
            load._latencies.PercentileMicroseconds(0.9),
            load._latencies.PercentileMicroseconds(0.99));
    }

    public void Dispose()
    {
        _socket.Dispose();
        _epoll.Dispose();
        _received.Dispose();
    }

    private void Drive()
    {
        long now;
        while ((now = Stopwatch.GetTimestamp()) < _end)
        {
            Fill(now);
            if (_epoll.Wait(PollMilliseconds) > 0)
            {
                Take();
            }

            ForgetLost(now);
        }
    }

    private void Fill(long now)
    {
        for (; _waiting < _options.Window && _asked[_next] == 0; _next++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(_query, _next);
            if (!_socket.Send(_query).IsOk)
            {
                _errors++;
                return;
            }

            _asked[_next] = now;
            _waiting++;
        }
    }

    private void Take()
    {
        if (!_received.Receive(_socket).IsOk)
        {
            return;
        }

        long now = Stopwatch.GetTimestamp();
        for (int i = 0; i < _received.Count; i++)
        {
            ReadOnlySpan<byte> answer = _received[i];
            ushort id = answer.Length < 12 ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(answer);
            if (answer.Length < 12 || BinaryPrimitives.ReadUInt16BigEndian(answer[2..]) != Answered || _asked[id] == 0)
            {
                _errors++;
                continue;
            }

            Count(_asked[id], now);
            _asked[id] = 0;
            _waiting--;
        }
    }

    private void Count(long asked, long now)
    {
        _operations++;
        if (now >= _measureFrom && now < _end)
        {
            _latencies.Add((long)Stopwatch.GetElapsedTime(asked, now).TotalNanoseconds);
        }
    }

    private void ForgetLost(long now)
    {
        for (; _oldest != _next && (_asked[_oldest] == 0 || now - _asked[_oldest] > s_patience); _oldest++)
        {
            if (_asked[_oldest] != 0)
            {
                _asked[_oldest] = 0;
                _waiting--;
                _errors++;
            }
        }
    }

    private static byte[] Query(string name) =>
    [
        0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, // RD, one question
        .. name.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]),
        0, 0, 1, 0, 1, // the root; A, IN
    ];
}
