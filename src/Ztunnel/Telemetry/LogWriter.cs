using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Ztunnel.Telemetry;

/// <summary>
/// Writes lines from a thread of its own, up to 64 of them at once. Never drops one: whoever logs waits while 10,000
/// are waiting, because a log with holes misleads and an unbounded one takes the process down.
/// </summary>
internal sealed class LogWriter : IDisposable
{
    private const int MaxQueuedLines = 10_000;
    private const int SpareBatches = 8;

    private static readonly TimeSpan s_linger = TimeSpan.FromMilliseconds(1);

    private readonly object _gate = new(); // a monitor: waiting and waking are needed
    private readonly Queue<LogBatch> _full = [];
    private readonly Stack<LogBatch> _spare = [];
    private readonly long[] _lines = new long[(int)LogLevel.None];
    private readonly Stream _output;
    private readonly Thread _thread;
    private LogBatch _filling = new();
    private int _queued;
    private long _waits;
    private bool _isWriting;
    private bool _isClosing;

    /// <param name="output">Written unbuffered; not closed.</param>
    public LogWriter(Stream output)
    {
        _output = output;
        _thread = new Thread(Run) { Name = "log-writer", IsBackground = true };
        _thread.Start();
    }

    /// <summary>How often somebody had to wait for a full queue.</summary>
    public long Waits => Volatile.Read(ref _waits);

    public long LinesAt(LogLevel level) => Volatile.Read(ref _lines[(int)level]);

    /// <param name="line">With its line break; copied.</param>
    public void Write(ReadOnlySpan<byte> line, LogLevel level)
    {
        lock (_gate)
        {
            if (_queued >= MaxQueuedLines)
            {
                _waits++;
                while (_queued >= MaxQueuedLines)
                {
                    Monitor.Wait(_gate);
                }
            }

            _lines[(int)level]++;
            if (_filling.IsFull(line.Length))
            {
                _full.Enqueue(_filling);
                _filling = _spare.TryPop(out LogBatch? spare) ? spare : new LogBatch();
            }

            _filling.Add(line);
            if (_queued++ == 0)
            {
                Monitor.PulseAll(_gate); // the writer sleeps only when nothing is queued
            }
        }
    }

    /// <summary>Waits until everything logged before has been written; false when that took too long.</summary>
    public bool Flush(TimeSpan atMost)
    {
        long start = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            while (_queued > 0 || _isWriting)
            {
                TimeSpan left = atMost - Stopwatch.GetElapsedTime(start);
                if (left <= TimeSpan.Zero || !Monitor.Wait(_gate, left))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>
    /// Writes what is queued and ends the thread; gives up on an output that takes nothing for five seconds.
    /// </summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isClosing = true;
            Monitor.PulseAll(_gate);
        }

        _thread.Join(TimeSpan.FromSeconds(5));
    }

    private void Run()
    {
        while (TakeBatch() is { } batch)
        {
            try
            {
                _output.Write(batch.Written);
            }
            catch (IOException)
            {
                // Nobody reads any more. There is nowhere left to say so, and traffic must go on.
            }

            lock (_gate)
            {
                batch.Clear();
                if (_spare.Count < SpareBatches)
                {
                    _spare.Push(batch);
                }

                _isWriting = false;
                Monitor.PulseAll(_gate); // for those who flush
            }
        }
    }

    private LogBatch? TakeBatch()
    {
        lock (_gate)
        {
            while (_queued == 0)
            {
                if (_isClosing)
                {
                    return null;
                }

                Monitor.Wait(_gate);
                if (!_isClosing)
                {
                    // A thread woken per line would cost more than the line; a short wait lets a busy proxy fill
                    // batches.
                    Monitor.Wait(_gate, s_linger);
                }
            }

            if (!_full.TryDequeue(out LogBatch? batch))
            {
                batch = _filling;
                _filling = _spare.TryPop(out LogBatch? spare) ? spare : new LogBatch();
            }

            bool wasFull = _queued >= MaxQueuedLines;
            _queued -= batch.Lines;
            _isWriting = true;
            if (wasFull)
            {
                Monitor.PulseAll(_gate);
            }

            return batch;
        }
    }
}
