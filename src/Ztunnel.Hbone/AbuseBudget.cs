using Ztunnel.Hbone.Http2;

namespace Ztunnel.Hbone;

/// <summary>
/// What one peer has left of each limit. Taking more than there is throws; work of use to us gives some back.
/// </summary>
internal sealed class AbuseBudget(AbuseLimits limits)
{
    private const int PayloadPerPing = 4096;
    private const int SettingsPerToken = 32;
    private const int WindowUpdatesPerFrame = 3;
    private const int SentBytesPerWindowUpdate = 256;

    private TokenBucket _rapidReset;
    private TokenBucket _resetFlood;
    private TokenBucket _streamErrors;
    private TokenBucket _headerOctets;
    private TokenBucket _tableUpdates;
    private TokenBucket _emptyData;
    private TokenBucket _tinyData;
    private TokenBucket _ping;
    private TokenBucket _settings;
    private TokenBucket _windowUpdate;
    private TokenBucket _useless;
    private long _payload;
    private long _sent;

    public AbuseLimits Limits { get; } = limits;

    public void Start(long now)
    {
        _rapidReset = TokenBucket.Full(Limits.RapidReset, now);
        _resetFlood = TokenBucket.Full(Limits.ResetFlood, now);
        _streamErrors = TokenBucket.Full(Limits.StreamErrors, now);
        _headerOctets = TokenBucket.Full(Limits.HeaderOctets, now);
        _tableUpdates = TokenBucket.Full(Limits.HpackThrash, now);
        _emptyData = TokenBucket.Full(Limits.EmptyData, now);
        _tinyData = TokenBucket.Full(Limits.TinyData, now);
        _ping = TokenBucket.Full(Limits.Ping, now);
        _settings = TokenBucket.Full(Limits.Settings, now);
        _windowUpdate = TokenBucket.Full(Limits.WindowUpdate, now);
        _useless = TokenBucket.Full(Limits.UselessFrames, now);
    }

    public void TakeRapidReset(long now) => Take(ref _rapidReset, 1, Limits.RapidReset, AbuseKind.RapidReset, now);

    public void TakeFruitlessReset(long now) => Take(ref _resetFlood, 1, Limits.ResetFlood, AbuseKind.ResetFlood, now);

    public void TakeStreamError(long now) =>
        Take(ref _streamErrors, 1, Limits.StreamErrors, AbuseKind.StreamErrors, now);

    public void TakeHeaderOctets(int octets, long now) =>
        Take(ref _headerOctets, octets, Limits.HeaderOctets, AbuseKind.HeaderFlood, now);

    public void TakeTableUpdate(long now) => Take(ref _tableUpdates, 1, Limits.HpackThrash, AbuseKind.HpackThrash, now);

    public void TakePing(long now) => Take(ref _ping, 1, Limits.Ping, AbuseKind.PingFlood, now);

    public void TakeSettings(int entries, long now) =>
        Take(ref _settings, 1 + (entries / SettingsPerToken), Limits.Settings, AbuseKind.SettingsFlood, now);

    public void TakeWindowUpdate(long now) =>
        Take(ref _windowUpdate, 1, Limits.WindowUpdate, AbuseKind.WindowUpdateFlood, now);

    public void TakeUselessFrame(long now) => Take(ref _useless, 1, Limits.UselessFrames, AbuseKind.UselessFrames, now);

    /// <summary>A DATA frame arrived with so many bytes besides padding.</summary>
    public void TakeData(int payload, bool endStream, long now)
    {
        if (payload >= Limits.TinyDataBytes)
        {
            _payload += payload;
            if (_payload >= PayloadPerPing)
            {
                _ping.Refund(_payload / PayloadPerPing, Limits.Ping);
                _payload %= PayloadPerPing;
            }
        }
        else if (payload == 0 && !endStream)
        {
            Take(ref _emptyData, 1, Limits.EmptyData, AbuseKind.EmptyData, now);
        }
        else
        {
            Take(ref _tinyData, 1, Limits.TinyData, AbuseKind.TinyData, now);
        }
    }

    /// <summary>We sent a DATA frame: the peer has reason to credit it.</summary>
    public void OnDataSent(int payload)
    {
        _sent += payload;
        _windowUpdate.Refund(WindowUpdatesPerFrame + (_sent / SentBytesPerWindowUpdate), Limits.WindowUpdate);
        _sent %= SentBytesPerWindowUpdate;
    }

    /// <summary>
    /// A request was answered: what it cost was its purpose. A refusal pays for small header lists only, so that a
    /// client whom policy denies may ask again and again, but not with large ones.
    /// </summary>
    public void OnAnswered(int status)
    {
        bool accepted = status is >= 200 and < 300;
        _rapidReset.Refund(accepted ? 1 : 0, Limits.RapidReset);
        _headerOctets.Refund(
            accepted ? Limits.HeaderRefundPerStream : Limits.HeaderRefundPerRefusal, Limits.HeaderOctets);
    }

    public static Http2ConnectionException Exceeded(AbuseKind kind, string what) =>
        new(Http2ErrorCode.EnhanceYourCalm, what, kind);

    private static void Take(ref TokenBucket bucket, int count, BucketLimit limit, AbuseKind kind, long now)
    {
        if (!bucket.TryTake(count, limit, now))
        {
            throw Exceeded(kind, $"{kind}: more than {limit.Burst} at once or {limit.PerSecond} per second");
        }
    }
}
