using Ztunnel.Hbone;
using Ztunnel.Hbone.Http2;

namespace Ztunnel.Proxy.Tunnels;

// What the protocol tells: passed on to the stream or the owner concerned.
internal sealed partial class TunnelConnection
{
    private bool _isDrained;

    public void OnRequest(Http2Stream stream, Http2Request request, bool endStream) =>
        _owner.OnRequest(this, stream, request, endStream);

    public void OnResponse(Http2Stream stream, Http2Response response, bool endStream) =>
        Of(stream)?.OnResponse(response, endStream);

    public void OnData(Http2Stream stream, ReadOnlySpan<byte> data, bool endStream)
    {
        if (Of(stream) is { } owner)
        {
            owner.OnData(data, endStream);
        }
        else
        {
            _core.Credit(stream, data.Length);
        }
    }

    public void OnReset(Http2Stream stream, Http2ErrorCode code, ResetSource source)
    {
        if (Of(stream) is { } owner)
        {
            Unlink(owner); // there is nothing left of it to release
            owner.OnReset(code, source);
        }
    }

    public void OnClosed(Http2Stream stream)
    {
        if (_stage == Stage.Open)
        {
            _flushAsked = FlushLater();
            _owner.OnCapacity(this);
        }
    }

    // Not from within the protocol: whoever writes now may move a full buffer, and many may be waiting.
    public void OnWritable(Http2Stream stream)
    {
        if (Of(stream) is { } owner)
        {
            Wait(owner);
            ContinueLater();
        }
    }

    public void OnSettings() => _owner.OnCapacity(this);

    public void OnGoAway(int lastStreamId, Http2ErrorCode code)
    {
        _flushAsked = FlushLater();
        if (Role == Http2Role.Client)
        {
            _owner.OnGoAway(this);
        }
    }

    public void OnDrained() => _isDrained = true;

    public void OnPong(long roundTripMilliseconds)
    {
    }

    public void OnAbuse(AbuseKind kind) => _proxy.Tunnels.Abuse(kind).Increment(_proxy.Index);

    private static TunnelStream? Of(Http2Stream stream) => (TunnelStream?)stream.Owner;
}
