using Ztunnel.Hbone.Http2;

namespace Ztunnel.Hbone;

/// <summary>
/// What a connection tells its owner, from within <see cref="Http2Connection.Receive(ReadOnlySpan{byte}, long)"/> or
/// from within the owner's own call. Every method of the connection may be called from inside.
/// </summary>
public interface IHttp2Events
{
    /// <summary>Server: a request. Answer with Respond, now or later; then Release.</summary>
    void OnRequest(Http2Stream stream, Http2Request request, bool endStream);

    /// <summary>Client: the final response.</summary>
    void OnResponse(Http2Stream stream, Http2Response response, bool endStream);

    /// <summary>
    /// Payload as it arrives, perhaps a part of a frame, perhaps empty with <paramref name="endStream"/>. Valid during
    /// the call only. Give the bytes back with Credit once the application took them.
    /// </summary>
    void OnData(Http2Stream stream, ReadOnlySpan<byte> data, bool endStream);

    /// <summary>The stream ended early; OnClosed follows.</summary>
    void OnReset(Http2Stream stream, Http2ErrorCode code, ResetSource source);

    /// <summary>Both directions ended, or it was reset by either side: its slot is free. Once per stream.</summary>
    void OnClosed(Http2Stream stream);

    /// <summary>A stream whose SendAllowance was 0 may send again.</summary>
    void OnWritable(Http2Stream stream);

    /// <summary>The peer's SETTINGS were applied: OpenLimit or PeerMaxFrameSize may have changed.</summary>
    void OnSettings();

    /// <summary>
    /// The peer will answer no new streams. Streams above <paramref name="lastStreamId"/> were reset before this.
    /// </summary>
    void OnGoAway(int lastStreamId, Http2ErrorCode code);

    /// <summary>The second GOAWAY of a drain is queued: from now on no new request comes.</summary>
    void OnDrained();

    /// <summary>The answer to a keepalive PING.</summary>
    void OnPong(long roundTripMilliseconds);

    /// <summary>A limit was hit; the exception or decision that ends the connection follows.</summary>
    void OnAbuse(AbuseKind kind);
}
