namespace Ztunnel.Hbone.Http2;

/// <summary>What the peer's SETTINGS allow us; the RFC's defaults until they come.</summary>
internal struct PeerSettings()
{
    public const int DefaultInitialWindow = 65_535;
    public const int SmallestMaxFrameSize = 16_384;
    public const int LargestMaxFrameSize = 16_777_215;

    /// <summary>Unlimited by the RFC; assumed to be 100 until the peer has spoken, as the other proxies do.</summary>
    public const int AssumedConcurrentStreams = 100;

    public int InitialWindow { get; private set; } = DefaultInitialWindow;

    public int MaxFrameSize { get; private set; } = SmallestMaxFrameSize;

    public int MaxConcurrentStreams { get; private set; } = AssumedConcurrentStreams;

    public bool HasArrived { get; private set; }

    /// <summary>The first SETTINGS frame lifts the assumption, even when it does not name a number.</summary>
    public void Arrive()
    {
        if (!HasArrived)
        {
            HasArrived = true;
            MaxConcurrentStreams = int.MaxValue;
        }
    }

    /// <summary>Checks and keeps one entry (RFC 9113 §6.5.2). Unknown ones are ignored.</summary>
    public void Apply(SettingId id, uint value, Http2Role ours)
    {
        switch (id)
        {
            case SettingId.EnablePush when value > 1 || (value == 1 && ours == Http2Role.Client):
                throw new Http2ConnectionException(Http2ErrorCode.ProtocolError, $"ENABLE_PUSH = {value}");
            case SettingId.MaxConcurrentStreams:
                MaxConcurrentStreams = (int)Math.Min(value, int.MaxValue);
                break;
            case SettingId.InitialWindowSize when value > int.MaxValue:
                throw new Http2ConnectionException(
                    Http2ErrorCode.FlowControlError, $"INITIAL_WINDOW_SIZE = {value}", AbuseKind.WindowOverflow);
            case SettingId.InitialWindowSize:
                InitialWindow = (int)value;
                break;
            case SettingId.MaxFrameSize when value is < SmallestMaxFrameSize or > LargestMaxFrameSize:
                throw new Http2ConnectionException(Http2ErrorCode.ProtocolError, $"MAX_FRAME_SIZE = {value}");
            case SettingId.MaxFrameSize:
                MaxFrameSize = (int)value;
                break;
        }
    }
}
