namespace Ztunnel.Telemetry;

/// <summary>
/// The counters of one label set, shared by every connection that has these labels. Each worker counts in a cell of
/// its own, made when it first needs one; <see cref="TrafficMetrics"/> sums them when somebody scrapes.
/// </summary>
internal sealed class TrafficSeries
{
    private readonly TrafficCell?[] _cells;
    private readonly TimeProvider _time;
    private long _goneSince;
    private bool _isGone;

    public TrafficSeries(TrafficLabels labels, int workers, TimeProvider time)
    {
        (Labels, _time) = (labels, time);
        _cells = new TrafficCell?[workers];
    }

    public TrafficLabels Labels { get; }

    /// <summary>One of its workloads has no pod any more.</summary>
    public bool IsGone => Volatile.Read(ref _isGone);

    /// <summary>The worker's cell; a pump keeps it and counts without looking anything up.</summary>
    public TrafficCell Cell(int worker) => _cells[worker] ?? (_cells[worker] = new TrafficCell());

    public void Opened(int worker) => Cell(worker).Opened();

    /// <summary>Exactly once for each <see cref="Opened"/>, on the same worker.</summary>
    public void Closed(int worker, ResponseFlag flag) => Cell(worker).Closed(flag);

    /// <inheritdoc cref="TrafficCell.Received"/>
    public void Received(int worker, long bytes) => Cell(worker).Received(bytes);

    /// <inheritdoc cref="TrafficCell.Sent"/>
    public void Sent(int worker, long bytes) => Cell(worker).Sent(bytes);

    /// <summary>Somebody is about to count here: whatever was marked as gone is back.</summary>
    public void Touch()
    {
        // Read first: the line is shared by all workers, and nearly always there is nothing to change.
        if (Volatile.Read(ref _isGone))
        {
            Volatile.Write(ref _isGone, false);
        }
    }

    public void MarkGone()
    {
        if (!IsGone)
        {
            Volatile.Write(ref _goneSince, _time.GetTimestamp());
            Volatile.Write(ref _isGone, true);
        }
    }

    /// <summary>Gone for at least this long, and not used since.</summary>
    public bool IsGoneFor(TimeSpan grace) =>
        IsGone && _time.GetElapsedTime(Volatile.Read(ref _goneSince)) >= grace;

    public bool Mentions(string @namespace, string workload) =>
        (Labels.Source.Workload == workload && Labels.Source.Namespace == @namespace)
        || (Labels.Destination.Workload == workload && Labels.Destination.Namespace == @namespace);

    public TrafficTotals Totals()
    {
        TrafficTotals totals = new();
        foreach (TrafficCell? cell in _cells)
        {
            if (cell is not null)
            {
                totals.Add(cell);
            }
        }

        return totals;
    }
}
