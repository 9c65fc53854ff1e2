using Ztunnel.Hbone.Http2;
using Ztunnel.Hbone.Http2.Hpack;

namespace Ztunnel.Hbone;

// Header blocks: gathering them, and what they mean. Every block that is complete is decoded, whatever becomes of its
// stream: the dynamic table belongs to the connection.
public sealed partial class Http2Connection
{
    private const int PriorityFields = 5;

    private PooledBytes _headerBlock;
    private int _headerStream; // 0: no block is open
    private bool _headerEndStream;
    private int _emptyContinuations;
    private RequestHeaders? _requestHeaders;
    private ResponseHeaders? _responseHeaders;

    private int HeaderOctetsNeeded()
    {
        RequireStream(true);
        if (_frame.Type == FrameType.Continuation && _headerStream == 0)
        {
            throw Violation(Http2ErrorCode.ProtocolError, "CONTINUATION without HEADERS");
        }

        if (_headerBlock.Length + _frame.Length > _headerBlockLimit)
        {
            throw AbuseBudget.Exceeded(AbuseKind.HeaderBlock, $"header block above {_headerBlockLimit} octets");
        }

        return _frame.Length;
    }

    private void OnHeaders(ReadOnlySpan<byte> payload, ref ReceiveBudget budget)
    {
        int front = (_frame.IsPadded ? 1 : 0) + ((_frame.Flags & FrameFlags.Priority) != 0 ? PriorityFields : 0);
        if (payload.Length < front)
        {
            throw Violation(Http2ErrorCode.FrameSizeError, "HEADERS shorter than its fields");
        }

        int padding = _frame.IsPadded ? payload[0] : 0;
        if (padding > payload.Length - front)
        {
            throw Violation(Http2ErrorCode.ProtocolError, "padding longer than its frame");
        }

        _headerStream = _frame.StreamId;
        _headerEndStream = _frame.IsEndStream;
        _emptyContinuations = 0;
        OnHeaderFragment(payload[front..^padding], ref budget);
    }

    private void OnHeaderFragment(ReadOnlySpan<byte> fragment, ref ReceiveBudget budget)
    {
        if (!_frame.IsEndHeaders)
        {
            _headerBlock.Append(fragment);
            if (fragment.IsEmpty && ++_emptyContinuations > _options.Abuse.EmptyContinuations)
            {
                throw AbuseBudget.Exceeded(AbuseKind.EmptyContinuation, "empty CONTINUATION frames");
            }
        }
        else if (_headerBlock.Length == 0) // the rule: one frame, decoded where it lies
        {
            OnHeaderBlock(fragment, ref budget);
        }
        else
        {
            _headerBlock.Append(fragment);
            OnHeaderBlock(_headerBlock.Span, ref budget);
            _headerBlock.Clear();
        }
    }

    private void OnHeaderBlock(ReadOnlySpan<byte> block, ref ReceiveBudget budget)
    {
        int id = _headerStream;
        _headerStream = 0;
        if (Role == Http2Role.Server)
        {
            OnRequestBlock(id, block);
        }
        else
        {
            OnResponseBlock(id, block);
        }

        int octets = Math.Max(block.Length, _decoder.ListSize);
        HeaderOctetsReceived += octets;
        budget.HeaderOctets -= octets;
        _budget.TakeHeaderOctets(octets, _now);
    }

    private void OnRequestBlock(int id, ReadOnlySpan<byte> block)
    {
        if (Find(id) is { } stream)
        {
            _decoder.Decode(block, null, _now);
            OnSecondHeaders(stream);
        }
        else if (id % 2 == 0)
        {
            throw Violation(Http2ErrorCode.ProtocolError, "request on a server's stream number");
        }
        else if (!IsIdle(id))
        {
            _decoder.Decode(block, null, _now);
            OnHeadersOfClosedStream(id);
        }
        else
        {
            _lastPeerStream = id;
            RequestHeaders headers = _requestHeaders ??= new RequestHeaders();
            headers.Reset();
            _decoder.Decode(block, headers, _now);
            AcceptRequest(id, headers);
        }
    }

    private void AcceptRequest(int id, RequestHeaders headers)
    {
        if (_drain == DrainStep.Final) // §6.8: the peer was told; it tries elsewhere
        {
            _closed.Add(id, weReset: true);
        }
        else if (_streams.Count >= _options.MaxConcurrentStreams)
        {
            RefuseStream(id, Http2ErrorCode.RefusedStream);
        }
        else if (_decoder.IsOverLimit)
        {
            RefuseTooLarge(id);
        }
        else if (headers.Complete() is not { } request)
        {
            RefuseStream(id, Http2ErrorCode.ProtocolError);
        }
        else
        {
            Http2Stream stream = new(id, _peer.InitialWindow, InitialReceiveWindow)
            {
                IsConnect = request.IsConnect,
                IsRemoteEnded = _headerEndStream,
            };
            _streams.Add(id, stream);
            _lastProcessed = id;
            _events.OnRequest(stream, request, _headerEndStream);
        }
    }

    private void RefuseTooLarge(int id)
    {
        int start = Output.Length;
        Http2Stream stream = new(id, 0, 0);
        WriteResponse(stream, 431, baggage: null, endStream: true);
        if (!_headerEndStream)
        {
            FrameWriter.RstStream(Output, id, Http2ErrorCode.NoError);
        }

        _closed.Add(id, weReset: !_headerEndStream);
        _answerBytes += Output.Length - start;
        _budget.TakeStreamError(_now);
    }

    // After the request comes only the end. CONNECT has no trailers (§8.5); what else is on its way to a 400 may.
    private void OnSecondHeaders(Http2Stream stream)
    {
        if (stream.IsRemoteEnded)
        {
            StreamError(stream, Http2ErrorCode.StreamClosed);
        }
        else if (stream.IsConnect || !_headerEndStream)
        {
            StreamError(stream, Http2ErrorCode.ProtocolError);
        }
        else
        {
            Deliver(stream, default, endStream: true);
        }
    }

    private void OnHeadersOfClosedStream(int id)
    {
        if (_closed.WasResetByUs(id))
        {
            _budget.TakeUselessFrame(_now);
            return;
        }

        // Known as closed, or skipped by a higher number and never used (§5.1.1).
        throw _closed.Contains(id)
            ? Violation(Http2ErrorCode.StreamClosed, "HEADERS on a closed stream")
            : Violation(Http2ErrorCode.ProtocolError, "stream number lower than the last");
    }

    private void OnResponseBlock(int id, ReadOnlySpan<byte> block)
    {
        if (IsIdle(id))
        {
            throw Violation(Http2ErrorCode.ProtocolError, "response on an idle stream");
        }

        ResponseHeaders headers = _responseHeaders ??= new ResponseHeaders();
        headers.Reset();
        _decoder.Decode(block, headers, _now);
        if (Find(id) is not { } stream)
        {
            return; // crossed with our reset
        }

        if (stream.IsAnswered)
        {
            StreamError(stream, stream.IsRemoteEnded ? Http2ErrorCode.StreamClosed : Http2ErrorCode.ProtocolError);
        }
        else if (_decoder.IsOverLimit
            || headers.Complete() is not { } response
            || (response.Status < 200 && _headerEndStream)) // §8.1
        {
            StreamError(stream, Http2ErrorCode.ProtocolError);
        }
        else if (response.Status >= 200)
        {
            stream.IsAnswered = true;
            stream.IsRemoteEnded = _headerEndStream;
            _budget.OnAnswered(response.Status);
            _events.OnResponse(stream, response, _headerEndStream);
            CloseIfDone(stream);
        }
    }
}
