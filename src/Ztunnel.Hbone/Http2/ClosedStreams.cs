namespace Ztunnel.Hbone.Http2;

/// <summary>
/// The last streams that closed, and how: frames the peer sent before it knew are ignored for those we reset, and are a
/// violation for others. Bounded; more than a connection's streams, so that a reset of all of them is remembered.
/// </summary>
internal sealed class ClosedStreams
{
    private const int Most = 256;
    private const int First = 16;

    private int[] _ids = []; // negative: reset by us
    private int _next;

    public void Add(int id, bool weReset)
    {
        if (_next == _ids.Length && _ids.Length < Most)
        {
            Array.Resize(ref _ids, Math.Max(First, 4 * _ids.Length));
        }

        _next = _next == _ids.Length ? 0 : _next;
        _ids[_next++] = weReset ? -id : id;
    }

    public bool WasResetByUs(int id) => Array.IndexOf(_ids, -id) >= 0;

    public bool Contains(int id) => Array.IndexOf(_ids, id) >= 0 || WasResetByUs(id);
}
