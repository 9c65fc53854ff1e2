namespace Ztunnel.Hbone;

/// <summary>
/// Streams with data and a window of their own that wait for the connection's, first come first served: who is served and
/// wants more goes to the end. Streams that closed meanwhile are dropped when their turn comes.
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
        _first = stream.NextReady;
        _last = _first is null ? null : _last;
        stream.NextReady = null;
        stream.IsQueued = false;
        return stream;
    }
}
