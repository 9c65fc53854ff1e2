namespace Ztunnel.Hbone;

/// <summary>
/// Streams with data and a window of their own that wait for the connection's, first come first served: who is served and
/// wants more goes to the end. Linked through the streams, so that one that closes leaves at once.
/// </summary>
internal sealed class ReadyStreams
{
    private Http2Stream? _first;
    private Http2Stream? _last;

    public bool IsEmpty => _first is null;

    public void Add(Http2Stream stream)
    {
        if (stream.IsQueued)
        {
            return;
        }

        stream.IsQueued = true;
        stream.PreviousReady = _last;
        if (_last is null)
        {
            _first = stream;
        }
        else
        {
            _last.NextReady = stream;
        }

        _last = stream;
    }

    public Http2Stream Take()
    {
        Http2Stream stream = _first!;
        Remove(stream);
        return stream;
    }

    public void Remove(Http2Stream stream)
    {
        if (!stream.IsQueued)
        {
            return;
        }

        stream.IsQueued = false;
        _first = _first == stream ? stream.NextReady : _first;
        _last = _last == stream ? stream.PreviousReady : _last;
        if (stream.PreviousReady is { } previous)
        {
            previous.NextReady = stream.NextReady;
        }

        if (stream.NextReady is { } next)
        {
            next.PreviousReady = stream.PreviousReady;
        }

        stream.PreviousReady = stream.NextReady = null;
    }
}
