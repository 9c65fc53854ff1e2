namespace Ztunnel.Load.Generators;

/// <summary>Runs the same work on several threads, each with its own loop and share of the connections.</summary>
internal static class LoadThreads
{
    /// <summary>A generator gets a quarter of the machine: the proxies are to be what is busy.</summary>
    public static int Suitable => Math.Max(1, Environment.ProcessorCount / 4);

    /// <param name="connections">Of all threads together; no thread is left without one.</param>
    /// <param name="work">Gets its loop and how many of the connections are its own.</param>
    public static IReadOnlyList<T> Run<T>(int connections, int threads, Func<LoadLoop, int, T> work)
    {
        threads = Math.Clamp(threads, 1, connections);
        var results = new T[threads];
        var failures = new Exception?[threads];
        List<Thread> started = [];
        for (int i = 0; i < threads; i++)
        {
            int index = i;
            int share = (connections / threads) + (index < connections % threads ? 1 : 0);
            Thread thread = new(() => Guarded(index, share)) { IsBackground = true, Name = $"load-{index}" };
            started.Add(thread);
            thread.Start();
        }

        started.ForEach(thread => thread.Join());
        Exception[] failed = [.. failures.OfType<Exception>()];
        return failed.Length == 0 ? results : throw new AggregateException(failed);

        void Guarded(int index, int share)
        {
            try
            {
                using LoadLoop loop = new();
                results[index] = work(loop, share);
            }
            catch (Exception failure) // thrown again by the thread that waits
            {
                failures[index] = failure;
            }
        }
    }
}
