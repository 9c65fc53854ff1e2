using System.Net.Security;
using System.Threading.Channels;
using Ztunnel.Hbone;
using Ztunnel.Hbone.Http2;

namespace Ztunnel.Lab;

/// <summary>One outer tunnel at the gateway: frames from TLS to the streams and back. The lock guards the protocol.</summary>
internal sealed class GatewayTunnel : IHttp2Events, IDisposable
{
    private readonly LabGateway _gateway;
    private readonly SslStream _tls;
    private readonly Http2Connection _core;
    private readonly Channel<bool> _output = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public GatewayTunnel(LabGateway gateway, SslStream tls)
    {
        (_gateway, _tls) = (gateway, tls);
        _core = new Http2Connection(Http2Role.Server, new Http2Options(), this);
    }

    public async Task RunAsync(SslServerAuthenticationOptions options)
    {
        await _tls.AuthenticateAsServerAsync(options);
        Do(core => core.Start(Environment.TickCount64));
        Task writing = WriteAsync();
        byte[] buffer = new byte[64 * 1024];
        int count;
        while ((count = await _tls.ReadAsync(buffer)) > 0)
        {
            Do(core => core.Receive(buffer.AsSpan(0, count), Environment.TickCount64));
        }

        _output.Writer.TryComplete();
        await writing;
    }

    /// <summary>Calls the protocol, from any thread, and sees to it that what it wrote is sent.</summary>
    public T Do<T>(Func<Http2Connection, T> call)
    {
        lock (_core)
        {
            T result = call(_core);
            _output.Writer.TryWrite(true);
            return result;
        }
    }

    public void Do(Action<Http2Connection> call) => Do(core =>
    {
        call(core);
        return true;
    });

    public void Dispose()
    {
        _tls.Dispose();
        lock (_core)
        {
            _core.Stop();
        }
    }

    public void OnRequest(Http2Stream stream, Http2Request request, bool endStream)
    {
        GatewayStream relay = new(this, stream);
        stream.Owner = relay;
        _ = relay.RunAsync(_gateway.ConnectAsync(request.Authority ?? ""));
    }

    public void OnData(Http2Stream stream, ReadOnlySpan<byte> data, bool endStream) =>
        ((GatewayStream)stream.Owner!).OnData(data, endStream);

    public void OnReset(Http2Stream stream, Http2ErrorCode code, ResetSource source) =>
        ((GatewayStream)stream.Owner!).OnReset();

    public void OnWritable(Http2Stream stream) => ((GatewayStream)stream.Owner!).OnWritable();

    public void OnResponse(Http2Stream stream, Http2Response response, bool endStream)
    {
    }

    public void OnClosed(Http2Stream stream)
    {
    }

    public void OnSettings()
    {
    }

    public void OnGoAway(int lastStreamId, Http2ErrorCode code)
    {
    }

    public void OnDrained()
    {
    }

    public void OnPong(long roundTripMilliseconds)
    {
    }

    public void OnAbuse(AbuseKind kind)
    {
    }

    private async Task WriteAsync()
    {
        await foreach (bool _ in _output.Reader.ReadAllAsync())
        {
            byte[] pending = Take();
            if (pending.Length > 0)
            {
                await _tls.WriteAsync(pending);
            }
        }
    }

    private byte[] Take()
    {
        lock (_core)
        {
            byte[] pending = _core.Output.Pending.ToArray();
            _core.Output.Clear();
            return pending;
        }
    }
}
