using System.Runtime;

namespace Ztunnel.Lab;

/// <summary>
/// No garbage collection while something is measured: it would have to wait for the attackers' threads, which run only
/// when nobody else wants to, and the innocent threads of this process would wait with it.
/// </summary>
public sealed class QuietHeap : IDisposable
{
    private const long Room = 192 * 1024 * 1024;

    public QuietHeap()
    {
        if (GCSettings.LatencyMode != GCLatencyMode.NoGCRegion)
        {
            GC.TryStartNoGCRegion(Room);
        }
    }

    public void Dispose()
    {
        if (GCSettings.LatencyMode == GCLatencyMode.NoGCRegion) // else the room was not enough, and it is over already
        {
            GC.EndNoGCRegion();
        }
    }
}
