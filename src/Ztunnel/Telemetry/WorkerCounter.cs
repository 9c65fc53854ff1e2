namespace Ztunnel.Telemetry;

/// <summary>
/// A counter (or, with negative steps, a gauge) that many workers change and a scrape sums. Each worker has a cell on
/// cache lines of its own; whoever is no worker passes <see cref="NoWorker"/> and pays for an interlocked addition.
/// </summary>
internal sealed class WorkerCounter
{
    /// <summary>The index of threads that are not workers.</summary>
    public const int NoWorker = -1;

    // Two lines: the adjacent-line prefetcher of x86 pairs them. Before the first cell as much is left free, so that
    // the array's length, which every access reads, is not on a line somebody writes.
    private const int Stride = 16;

    private readonly long[] _cells;

    public WorkerCounter(int workers) => _cells = new long[(workers + 2) * Stride];

    public long Sum
    {
        get
        {
            long sum = 0;
            for (int cell = Stride; cell < _cells.Length; cell += Stride)
            {
                sum += Volatile.Read(ref _cells[cell]);
            }

            return sum;
        }
    }

    public void Add(int worker, long count)
    {
        if (worker >= 0)
        {
            _cells[(worker + 2) * Stride] += count;
        }
        else
        {
            Interlocked.Add(ref _cells[Stride], count);
        }
    }

    public void Increment(int worker) => Add(worker, 1);

    public void Decrement(int worker) => Add(worker, -1);
}
