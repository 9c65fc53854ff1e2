using Ztunnel.Hbone;
using Ztunnel.Telemetry;

namespace Ztunnel.Proxy.Relay;

/// <summary>Who opened a stream: hears whether the peer takes it, once, on the worker.</summary>
internal interface IStreamCaller
{
    /// <summary>The answer to the CONNECT: the caller uses the stream or lets go of it.</summary>
    void OnResponse(Http2Response response);

    /// <summary>There will be no answer; the stream is over, and nothing of the application's was sent.</summary>
    /// <param name="isUnseen">The peer takes no stream on this tunnel and has not looked at it.</param>
    void OnNotOpened(string error, ResponseFlag flag, bool isUnseen);
}
