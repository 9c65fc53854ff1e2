using System.Text;
using Microsoft.Extensions.Logging;
using Ztunnel.Telemetry;

namespace Ztunnel.Tests.Telemetry;

public sealed class LogWriterTests
{
    [Fact]
    public void Write_ManyThreads_EveryLineOnceAndEachThreadInOrder()
    {
        using MemoryStream output = new();
        const int Threads = 4;
        const int Lines = 20_000; // together more than the queue takes
        using (LogWriter writer = new(output))
        {
            Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, thread =>
            {
                for (int line = 0; line < Lines; line++)
                {
                    writer.Write(Encoding.UTF8.GetBytes($"{thread} {line}\n"), LogLevel.Information);
                }
            });
            Assert.Equal(Threads * Lines, writer.LinesAt(LogLevel.Information));
        }

        string[] written = Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Threads * Lines, written.Length);
        foreach (IGrouping<string, string> thread in written.GroupBy(line => line.Split(' ')[0]))
        {
            Assert.Equal(Enumerable.Range(0, Lines).Select(line => $"{thread.Key} {line}"), thread);
        }
    }

    [Fact]
    public async Task Write_OutputStuck_BlocksAtTenThousandAndLosesNothing()
    {
        using GatedStream output = new();
        using LogWriter writer = new(output);
        writer.Write("first\n"u8, LogLevel.Information);
        await output.Entered; // the writer holds one batch and is stuck with it

        Task filling = Task.Run(() =>
        {
            for (int line = 0; line < 10_001; line++)
            {
                writer.Write("x\n"u8, LogLevel.Information);
            }
        });
        await WaitUntil(() => writer.Waits == 1);
        Assert.False(filling.IsCompleted);
        Assert.False(writer.Flush(TimeSpan.FromMilliseconds(1)));

        output.Open();
        await filling;
        Assert.True(writer.Flush(TimeSpan.FromSeconds(30)));
        Assert.Equal(10_002, output.Lines);
        Assert.True(output.MostLinesAtOnce <= 64);
    }

    [Fact]
    public void Write_LineLongerThanABatch_ArrivesWhole()
    {
        using MemoryStream output = new();
        byte[] line = [.. Enumerable.Repeat((byte)'a', 100_000), (byte)'\n'];
        using (LogWriter writer = new(output))
        {
            writer.Write("before\n"u8, LogLevel.Error);
            writer.Write(line, LogLevel.Error);
            writer.Write("after\n"u8, LogLevel.Error);
        }

        Assert.Equal([.. "before\n"u8, .. line, .. "after\n"u8], output.ToArray());
    }

    private static async Task WaitUntil(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Yield();
        }
    }

    /// <summary>Takes nothing until opened.</summary>
    private sealed class GatedStream : MemoryStream
    {
        private readonly ManualResetEventSlim _open = new();
        private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Entered => _entered.Task;

        public int Lines { get; private set; }

        public int MostLinesAtOnce { get; private set; }

        public void Open() => _open.Set();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _entered.TrySetResult();
            _open.Wait();
            int lines = buffer.Count((byte)'\n');
            Lines += lines;
            MostLinesAtOnce = Math.Max(MostLinesAtOnce, lines);
        }

        protected override void Dispose(bool disposing)
        {
            _open.Set();
            base.Dispose(disposing);
        }
    }
}
