using Ztunnel.Hbone;
using Ztunnel.Telemetry;

namespace Ztunnel.Proxy.Relay;

/// <summary>Who opened the stream of a relay: hears first whether the peer takes it, all on the worker.</summary>
internal interface IStreamCaller : IRelayOwner
{
    /// <summary>The answer to the CONNECT: the caller runs the relay or cancels it.</summary>
    void OnResponse(Http2Response response);

    /// <summary>There will be no answer; the relay is over, and nothing of the application's was sent.</summary>
    /// <param name="isUnseen">The peer takes no stream on this tunnel and has not looked at it.</param>
    void OnNotOpened(string error, ResponseFlag flag, bool isUnseen);
}
