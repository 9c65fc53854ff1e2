using System.Runtime.CompilerServices;

namespace Ztunnel.Telemetry;

/// <summary>The sum of a series' cells at one moment.</summary>
internal struct TrafficTotals
{
    private ClosedByFlag _closed;

    public long Opened { get; private set; }

    public long Received { get; private set; }

    public long Sent { get; private set; }

    /// <summary>Connections open now.</summary>
    public readonly long Live
    {
        get
        {
            long live = Opened;
            foreach (long closed in _closed)
            {
                live -= closed;
            }

            return live;
        }
    }

    public readonly long Closed(ResponseFlag flag) => _closed[(int)flag];

    public void Add(TrafficCell cell)
    {
        // Closed before opened: a connection that opens and closes between the reads must not count as minus one.
        for (int flag = 0; flag < ResponseFlags.Count; flag++)
        {
            _closed[flag] += cell.ClosedCount((ResponseFlag)flag);
        }

        Received += cell.ReceivedBytes;
        Sent += cell.SentBytes;
        Opened += cell.OpenedCount;
    }

    [InlineArray(8)] // ResponseFlags.Count
    private struct ClosedByFlag
    {
        private long _first;
    }
}
