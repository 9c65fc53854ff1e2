using System.Globalization;
using Prometheus;

namespace Ztunnel.Telemetry;

/// <summary>The process and its garbage collector, read at a scrape.</summary>
internal sealed class ProcessMetrics
{
    private readonly Counter _collections;

    /// <param name="maxDescriptors">The soft limit (RLIMIT_NOFILE).</param>
    public ProcessMetrics(MetricSet set, Func<long> maxDescriptors, TimeProvider time)
    {
        set.Gauge("process_open_fds", "Number of open file descriptors.", () => ProcessFigures.OpenDescriptors());
        set.Gauge("process_max_fds", "Maximum number of open file descriptors.", () => maxDescriptors());

        double started = ProcessFigures.StartTime(time).ToUnixTimeMilliseconds() / 1000.0;
        set.Gauge("ztunnel_process_start_time_seconds", "When the process started, since the epoch.", () => started);
        set.Counter("ztunnel_process_cpu_seconds_total", "CPU time, user and system.",
            () => Environment.CpuUsage.TotalTime.TotalSeconds);
        set.Gauge("ztunnel_process_resident_memory_bytes", "Resident memory.", () => Environment.WorkingSet);
        set.Gauge("ztunnel_process_threads", "Threads of the process.", () => ProcessFigures.Threads());

        set.Gauge("ztunnel_gc_heap_bytes", "Managed heap, live and garbage.", () => GC.GetTotalMemory(false));
        set.Gauge("ztunnel_gc_committed_bytes", "Memory the garbage collector holds.",
            () => GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes);
        set.Counter("ztunnel_gc_allocated_bytes_total", "Bytes allocated on the managed heap.",
            () => GC.GetTotalAllocatedBytes());
        set.Counter("ztunnel_gc_pause_seconds_total", "Time all threads stood still for the garbage collector.",
            () => GC.GetTotalPauseDuration().TotalSeconds);
        _collections = set.Factory.CreateCounter(
            "ztunnel_gc_collections_total", "Garbage collections.", ["generation"]);
        set.BeforeCollect(CountCollections);
    }

    private void CountCollections()
    {
        int older = 0; // the runtime counts a collection of a generation for the younger ones too
        for (int generation = GC.MaxGeneration; generation >= 0; generation--)
        {
            int collections = GC.CollectionCount(generation);
            _collections.WithLabels(generation.ToString(CultureInfo.InvariantCulture)).IncTo(collections - older);
            older = collections;
        }
    }
}
