using System.Runtime.InteropServices;
using Ztunnel.Hbone.Http2;
using Ztunnel.Hbone.Http2.Hpack;

namespace Ztunnel.Hbone;

/// <summary>
/// One HTTP/2 connection that carries CONNECT streams, for either role. Bytes and the clock come in, events and
/// <see cref="Output"/> go out; it does no I/O and belongs to one worker.
/// </summary>
public sealed partial class Http2Connection
{
    /// <summary>
    /// Streams served by one Receive when a window opens; the owner serves the rest in its own slices.
    /// </summary>
    private const int ReadyPerReceive = 64;

    private readonly Http2Options _options;
    private readonly IHttp2Events _events;
    private readonly AbuseBudget _budget;
    private readonly HpackDecoder _decoder;
    private readonly HpackEncoder _encoder = new();
    private readonly Dictionary<int, Http2Stream> _streams = [];
    private readonly ClosedStreams _closed = new();
    private readonly ReadyStreams _ready = new();
    private readonly int _headerBlockLimit;

    private PeerSettings _peer = new();
    private SendWindow _sendWindow = new(PeerSettings.DefaultInitialWindow);
    private FlowWindow _receiveWindow;
    private KeepAlive _keepAlive;
    private Http2Stream? _lastFound;
    private long _now;
    private long _settingsDeadline = long.MaxValue;
    private int _answerBytes;

    public Http2Connection(Http2Role role, Http2Options options, IHttp2Events events)
    {
        Role = role;
        _options = options;
        _events = events;
        _budget = new AbuseBudget(options.Abuse);
        int listLimit = role == Http2Role.Server ? options.MaxRequestHeaderList : options.MaxResponseHeaderList;
        _headerBlockLimit = listLimit * options.Abuse.HeaderBlockFactor;
        _decoder = new HpackDecoder(listLimit, listLimit * options.Abuse.HeaderBombFactor, _budget);
        _receiveWindow = new FlowWindow(ConnectionWindow);
        _keepAlive = new KeepAlive(options.KeepAliveInterval, options.KeepAliveTimeout);
        _stage = role == Http2Role.Server ? Stage.Preface : Stage.FrameHeader;
    }

    public Http2Role Role { get; }

    public OutputBuffer Output { get; } = new();

    /// <summary>Streams neither ended in both directions nor reset.</summary>
    public int ActiveStreams => _streams.Count;

    /// <summary>After an error GOAWAY or Stop: nothing is received or sent any more.</summary>
    public bool IsStopped { get; private set; }

    public int PeerMaxFrameSize => _peer.MaxFrameSize;

    /// <summary>Frames received so far.</summary>
    public long FramesReceived { get; private set; }

    /// <summary>Header octets received so far, decoded.</summary>
    public long HeaderOctetsReceived { get; private set; }

    /// <summary>Milliseconds (same clock as <c>now</c>) at which OnTick is due; a later tick only acts later.</summary>
    public long NextDeadline =>
        Math.Min(Math.Min(_keepAlive.NextDeadline, _settingsDeadline), Math.Min(_frameDeadline, _holdCheck));

    private int ConnectionWindow => Math.Max(_options.ConnectionWindow, PeerSettings.DefaultInitialWindow);

    /// <summary>Queues the preface (client), SETTINGS and the connection window.</summary>
    public void Start(long now)
    {
        _now = now;
        _budget.Start(now);
        _keepAlive.Start(now);
        _settingsDeadline = now + (long)_options.Abuse.SettingsDeadline.TotalMilliseconds;
        if (Role == Http2Role.Client)
        {
            Output.Append(ClientPreface);
            FrameWriter.Settings(Output,
            [
                (SettingId.EnablePush, 0),
                (SettingId.InitialWindowSize, _options.StreamWindow),
                (SettingId.MaxFrameSize, _options.MaxFrameSize),
                (SettingId.MaxHeaderListSize, _options.MaxResponseHeaderList),
            ]);
        }
        else
        {
            FrameWriter.Settings(Output,
            [
                (SettingId.MaxConcurrentStreams, _options.MaxConcurrentStreams),
                (SettingId.InitialWindowSize, _options.StreamWindow),
                (SettingId.MaxFrameSize, _options.MaxFrameSize),
                (SettingId.MaxHeaderListSize, _options.MaxRequestHeaderList),
            ]);
        }

        if (ConnectionWindow > PeerSettings.DefaultInitialWindow)
        {
            FrameWriter.WindowUpdate(Output, 0, ConnectionWindow - PeerSettings.DefaultInitialWindow);
        }
    }

    /// <summary>Processes all of it.</summary>
    /// <inheritdoc cref="Receive(ReadOnlySpan{byte}, ref ReceiveBudget, long)"/>
    public void Receive(ReadOnlySpan<byte> bytes, long now)
    {
        ReceiveBudget unlimited = ReceiveBudget.Unlimited;
        Receive(bytes, ref unlimited, now);
    }

    /// <summary>
    /// Processes bytes from the peer until they or the budget are used up; returns how many it took. What it did not
    /// take must be passed again. Never called from within an event.
    /// </summary>
    /// <exception cref="Http2ConnectionException">GOAWAY is queued; flush and close.</exception>
    public int Receive(ReadOnlySpan<byte> bytes, ref ReceiveBudget budget, long now)
    {
        _now = now;
        _answerBytes = Math.Min(_answerBytes, Output.Length); // what was sent since no longer counts
        ReadOnlySpan<byte> rest = bytes;
        try
        {
            // A frame that was begun is finished: its payload is bounded by the bytes at hand.
            while (!rest.IsEmpty && !IsStopped && (_stage != Stage.FrameHeader || !budget.IsUsedUp))
            {
                rest = rest[ReceiveSome(rest, ref budget)..];
            }

            ServeReady(ReadyPerReceive);
        }
        catch (Http2ConnectionException violation) when (!IsStopped)
        {
            Fail(violation);
            throw;
        }

        return IsStopped ? bytes.Length : bytes.Length - rest.Length;
    }

    /// <summary>Keepalive and deadlines.</summary>
    public TickDecision OnTick(long now)
    {
        _now = now;
        if (IsStopped || now < NextDeadline)
        {
            return TickDecision.None;
        }

        if (FindStall(now) is { } violation)
        {
            Fail(violation);
            return TickDecision.Abuse;
        }

        switch (_keepAlive.OnTick(now))
        {
            case KeepAliveAction.SendPing:
                FrameWriter.Ping(Output, KeepAlivePayload, ack: false);
                return TickDecision.None;
            case KeepAliveAction.GiveUp when Role == Http2Role.Server:
                GoAway(Http2ErrorCode.NoError);
                return TickDecision.KeepAliveTimeout;
            case KeepAliveAction.GiveUp:
                return TickDecision.KeepAliveTimeout;
            default:
                return TickDecision.None;
        }
    }

    /// <summary>
    /// Ends the protocol without a word: no further event is raised and buffers are given back, <see cref="Output"/>
    /// included. The owner ends its streams itself.
    /// </summary>
    public void Stop()
    {
        Output.Clear();
        Halt();
    }

    private Http2ConnectionException? FindStall(long now)
    {
        if (now >= _settingsDeadline)
        {
            string what = _stage == Stage.Preface ? "no preface" : "no SETTINGS";
            return new Http2ConnectionException(Http2ErrorCode.EnhanceYourCalm, what, AbuseKind.SettingsStall);
        }

        if (now >= _frameDeadline)
        {
            return AbuseBudget.Exceeded(AbuseKind.FrameStall, $"{_frame.Type} begun and not finished");
        }

        return now >= _holdCheck ? CheckHolds(now) : null;
    }

    private void Fail(Http2ConnectionException violation)
    {
        if (violation.Abuse != AbuseKind.None)
        {
            _events.OnAbuse(violation.Abuse);
        }

        FrameWriter.GoAway(Output, LastProcessedStream, violation.Code);
        Halt();
    }

    private void Halt()
    {
        IsStopped = true;
        _gathered.Clear();
        _headerBlock.Clear();
        _decoder.Clear();
        _settingsDeadline = _frameDeadline = _holdCheck = long.MaxValue;
        _keepAlive.Stop();
    }

    private Http2Stream? Find(int id)
    {
        if (_lastFound is { } last && last.Id == id) // frames of one stream come in runs
        {
            return last;
        }

        ref Http2Stream found = ref CollectionsMarshal.GetValueRefOrNullRef(_streams, id);
        return System.Runtime.CompilerServices.Unsafe.IsNullRef(ref found) ? null : _lastFound = found;
    }

    private static Http2ConnectionException Violation(Http2ErrorCode code, string what) => new(code, what);
}
