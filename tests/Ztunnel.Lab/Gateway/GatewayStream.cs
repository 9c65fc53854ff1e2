using System.Net.Sockets;
using System.Threading.Channels;
using Ztunnel.Hbone;
using Ztunnel.Hbone.Http2;

namespace Ztunnel.Lab;

/// <summary>One stream at the gateway and the TCP connection it is forwarded to.</summary>
internal sealed class GatewayStream(GatewayTunnel tunnel, Http2Stream stream)
{
    private readonly Channel<byte[]> _down = Channel.CreateUnbounded<byte[]>(); // bounded by the stream's window
    private readonly SemaphoreSlim _writable = new(0);
    private Socket? _backend;

    public async Task RunAsync(Task<Socket?> connecting)
    {
        try
        {
            using Socket? backend = await connecting;
            _backend = backend;
            if (backend is null)
            {
                tunnel.Do(core => core.Respond(stream, 503, baggage: null, endStream: true));
                return;
            }

            backend.NoDelay = true;
            tunnel.Do(core => core.Respond(stream, 200, baggage: null, endStream: false));
            await Task.WhenAll(ForwardAsync(backend), ReturnAsync(backend));
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // One side is gone; so is the other in a moment.
        }
        finally
        {
            tunnel.Do(core => core.Release(stream));
        }
    }

    public void OnData(ReadOnlySpan<byte> data, bool endStream)
    {
        _down.Writer.TryWrite(data.ToArray());
        if (endStream)
        {
            _down.Writer.TryComplete();
        }
    }

    public void OnReset()
    {
        _down.Writer.TryComplete();
        _backend?.Dispose();
        _writable.Release();
    }

    public void OnWritable() => _writable.Release();

    private async Task ForwardAsync(Socket backend)
    {
        await foreach (byte[] bytes in _down.Reader.ReadAllAsync())
        {
            await Apps.SendAllAsync(backend, bytes);
            tunnel.Do(core => core.Credit(stream, bytes.Length));
        }

        backend.Shutdown(SocketShutdown.Send);
    }

    private async Task ReturnAsync(Socket backend)
    {
        byte[] buffer = new byte[16 * 1024];
        int count;
        while ((count = await backend.ReceiveAsync(buffer)) > 0)
        {
            for (int sent = 0; sent < count;)
            {
                int piece = tunnel.Do(core => Send(core, buffer.AsSpan(sent, count - sent)));
                sent += piece;
                if (piece == 0)
                {
                    await _writable.WaitAsync();
                }
            }
        }

        tunnel.Do(core => core.EndStream(stream));
    }

    private int Send(Http2Connection core, ReadOnlySpan<byte> bytes)
    {
        if (stream.IsClosed)
        {
            throw new InvalidOperationException("the stream is closed");
        }

        int count = Math.Min(bytes.Length, core.SendAllowance(stream));
        if (count > 0)
        {
            core.QueueData(stream, bytes[..count], endStream: false);
        }

        return count;
    }
}
