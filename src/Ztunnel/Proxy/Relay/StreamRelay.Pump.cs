using Ztunnel.Hbone;
using Ztunnel.Hbone.Http2;
using Ztunnel.Linux;
using Ztunnel.Telemetry;

namespace Ztunnel.Proxy.Relay;

// The bytes themselves, by direct calls.
internal sealed unsafe partial class StreamRelay
{
    /// <summary>16 full TLS records, the frame's own header included.</summary>
    private const int ReadSize = (16 * 16 * 1024) - Http2Connection.DataHeaderSize;

    public override void OnData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (_isEnded)
        {
            Tunnel.Core.Credit(Stream, data.Length);
            return;
        }

        _hasRemoteEnd |= endStream;
        if (_isRunning && _isAppWritable && _pending.IsEmpty && !data.IsEmpty)
        {
            int sent = SendDown(data);
            if (_isEnded)
            {
                return;
            }

            data = data[sent..];
        }

        if (!data.IsEmpty)
        {
            _pending.Append(data); // not credited: the stream's window bounds it
        }
        else if (_hasRemoteEnd && _pending.IsEmpty && _isRunning)
        {
            EndDown();
        }
    }

    // One slice from the application into the tunnel.
    private void PumpUp()
    {
        if (_isUpEnded || !_isAppReadable)
        {
            return;
        }

        if (!Tunnel.CanSend)
        {
            Tunnel.Wait(this);
            return;
        }

        int room = Math.Min(ReadSize, _worker.ReadBufferSize - Http2Connection.DataHeaderSize);
        int most = Math.Min(Tunnel.Core.SendAllowance(Stream), room);
        if (most <= 0)
        {
            return; // the window's opening brings us back
        }

        byte* buffer = _worker.ReadPointer;
        int frame = Math.Min(Tunnel.Core.PeerMaxFrameSize, ReadSize);
        IoResult got = frame >= most
            ? _app!.Receive(buffer + Http2Connection.DataHeaderSize, most)
            : _app!.ReceiveFramed(buffer, most, frame, Http2Connection.DataHeaderSize);
        if (!got.IsOk)
        {
            _isAppReadable = false;
            if (!got.WouldBlock)
            {
                OnAppBroken(got);
            }

            return;
        }

        if (got.Count == 0)
        {
            EndUp();
            return;
        }

        _isAppReadable = got.Count == most || _sawHangUp;
        _record!.Up(got.Count);
        _age.Moved();
        Tunnel.SendData(Stream, buffer, got.Count, frame);
        ContinueLater();
    }

    private void ContinueLater()
    {
        if (_isAppReadable && !_isEnded && !_isContinued)
        {
            _isContinued = true;
            _worker.Continue(this);
        }
    }

    private void FlushDown()
    {
        while (!_pending.IsEmpty && _isAppWritable && !_isEnded)
        {
            _pending.Advance(SendDown(_pending.Front));
        }

        if (_isEnded)
        {
            return;
        }

        if (_hasRemoteEnd && _pending.IsEmpty)
        {
            EndDown();
        }

        Tunnel.OnOutput(); // credit may have been due
    }

    private int SendDown(ReadOnlySpan<byte> bytes)
    {
        IoResult sent = _app!.Send(bytes);
        if (!sent.IsOk)
        {
            _isAppWritable = false;
            if (!sent.WouldBlock)
            {
                OnAppBroken(sent);
            }

            return 0;
        }

        _isAppWritable = sent.Count == bytes.Length;
        _record!.Down(sent.Count);
        _age.Moved();
        Tunnel.Core.Credit(Stream, sent.Count);
        return sent.Count;
    }

    private void EndUp()
    {
        _isUpEnded = true;
        Tunnel.Core.EndStream(Stream);
        Tunnel.OnOutput();
        CheckDone();
    }

    private void EndDown()
    {
        if (_isDownEnded)
        {
            return;
        }

        _isDownEnded = true;
        if (!_isUpEnded) // else the close that follows says it
        {
            _app!.ShutdownWrite();
        }

        CheckDone();
    }

    private void Slice()
    {
        if (!_isEnded && _isRunning)
        {
            PumpUp();
        }

        TakeErrorIfStill();
    }

    // What arrived before a reset is passed on: the error is taken when nothing more can be read, or not now.
    private void TakeErrorIfStill()
    {
        if (!_sawError || _isContinued || _isEnded)
        {
            return;
        }

        _sawError = false;
        if (SocketOptions.TakeError(_app!) is > 0 and int error)
        {
            OnAppBroken(IoResult.Failed(error));
        }
    }

    // A reset of the application's is one of the stream (RFC 9113 §8.5); as an outcome it is none of our failures.
    private void OnAppBroken(IoResult result)
    {
        if (_isEnded)
        {
            return;
        }

        Tunnel.Reset(this, _isRunning ? Http2ErrorCode.ConnectError : Http2ErrorCode.Cancel);
        Finish(result.IsDisconnect ? null : $"io error: {result.Text}",
            result.IsDisconnect ? ResponseFlag.None : ResponseFlag.Connect);
    }

    private void OnAged()
    {
        Config.ProxyConfig config = Tunnel.Proxy.Services.Config;
        if (_age.OnDue())
        {
            Abort($"half-closed and silent for {config.Deadlines.HalfClosed}", ResponseFlag.Connect);
        }
        else
        {
            _age.SetKeepAlive(_app!, config.Sockets);
        }
    }
}
