using Ztunnel.Hbone;
using Ztunnel.Linux;
using Ztunnel.Proxy;
using Ztunnel.Proxy.Relay;
using Ztunnel.Telemetry;

namespace Ztunnel.Tests.Proxy.Relay;

/// <summary>Owns a relay in place of a connection: runs it when a 200 comes, and tells the test how it ended.</summary>
internal sealed class RelayProbe(ConnectionRecord record) : IRelayOwner, IStreamCaller
{
    private readonly TaskCompletionSource<(string? Error, ResponseFlag Flag)> _ended =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StreamRelay? Relay { get; set; }

    /// <summary>The answer has come, and bytes may flow.</summary>
    public Task Begun => _begun.Task;

    public Task<(string? Error, ResponseFlag Flag)> Ended => _ended.Task;

    public int Ends { get; private set; }

    /// <summary>The application's socket for when the answer comes, and what was told of it until then.</summary>
    public Func<(TcpSocket Socket, EpollEvents Seen)>? Application { get; set; }

    public void OnResponse(Http2Response response)
    {
        if (response.Status == 200)
        {
            (TcpSocket socket, EpollEvents seen) = Application!();
            Relay!.Adopt(socket, seen);
            Relay.Run(record);
            _begun.TrySetResult();
        }
        else
        {
            Relay!.Abort($"http status: {response.Status}", ResponseFlag.Connect);
        }
    }

    public void OnNotOpened(string error, ResponseFlag flag, bool isUnseen) => OnRelayEnded(error, flag);

    public void OnRelayEnded(string? error, ResponseFlag flag)
    {
        Ends++;
        _ended.TrySetResult((error, flag));
    }
}
