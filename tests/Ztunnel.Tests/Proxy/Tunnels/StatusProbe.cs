using Ztunnel.Hbone;
using Ztunnel.Proxy.Relay;
using Ztunnel.Telemetry;

namespace Ztunnel.Tests.Proxy.Tunnels;

/// <summary>Opens a stream and wants to know no more than how it is answered.</summary>
internal sealed class StatusProbe : IStreamCaller
{
    public TaskCompletionSource<int> Status { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void OnResponse(Http2Response response) => Status.TrySetResult(response.Status);

    public void OnNotOpened(string error, ResponseFlag flag, bool isUnseen) =>
        Status.TrySetException(new IOException(error));
}
