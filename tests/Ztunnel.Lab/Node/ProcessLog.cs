namespace Ztunnel.Lab;

/// <summary>What a process said, line by line, and a way to wait for a line.</summary>
public sealed class ProcessLog
{
    // Attacks make a proxy log a line per stream; the latest are what a failed test needs.
    private const int MaxLines = 20_000;

    private readonly Lock _lock = new();
    private readonly LinkedList<string> _lines = new();
    private readonly List<(Func<string, bool> Wanted, TaskCompletionSource<string> Found)> _waiting = [];

    /// <summary>The line that ended the wait, also if it is there already.</summary>
    public Task<string> WaitForAsync(Func<string, bool> wanted, string what)
    {
        lock (_lock)
        {
            if (_lines.FirstOrDefault(wanted) is { } found)
            {
                return Task.FromResult(found);
            }

            TaskCompletionSource<string> source = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((wanted, source));
            return WaitAsync(source.Task, what);
        }
    }

    public Task<string> WaitForAsync(params string[] parts) => WaitForAsync(
        line => parts.All(part => line.Contains(part, StringComparison.Ordinal)), $"log line with {string.Join(", ", parts)}");

    public IReadOnlyList<string> Lines()
    {
        lock (_lock)
        {
            return [.. _lines];
        }
    }

    public string Tail(int lines = 30)
    {
        lock (_lock)
        {
            return string.Join('\n', _lines.TakeLast(lines));
        }
    }

    /// <summary>Takes lines until the reader ends; several readers may feed one log.</summary>
    public async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            Add(line);
        }
    }

    private void Add(string line)
    {
        lock (_lock)
        {
            _lines.AddLast(line);
            if (_lines.Count > MaxLines)
            {
                _lines.RemoveFirst();
            }

            foreach ((_, TaskCompletionSource<string> found) in _waiting.FindAll(wait => wait.Wanted(line)))
            {
                found.SetResult(line);
            }

            _waiting.RemoveAll(wait => wait.Found.Task.IsCompleted);
        }
    }

    private async Task<string> WaitAsync(Task<string> found, string what)
    {
        try
        {
            return await Patience.ForAsync(found, what);
        }
        catch (LabException waiting)
        {
            throw new LabException($"{waiting.Message}\nthe log ends:\n{Tail()}");
        }
    }
}
