namespace Ztunnel.Lab;

/// <summary>An attack: meek threads that repeat the same round until it is disposed.</summary>
public sealed class Flood : IDisposable
{
    private readonly Action<FloodTurn> _round;
    private readonly List<MeekThread> _threads = [];
    private Exception? _failure;

    public Flood(int threads, Action<FloodTurn> round)
    {
        _round = round;
        for (int i = 0; i < threads; i++)
        {
            _threads.Add(new MeekThread($"flood-{i}", Run));
        }
    }

    public FloodTurn Turn { get; } = new();

    /// <summary>Until it has done so much.</summary>
    /// <exception cref="LabException">The attack itself is at fault.</exception>
    public Task UnderWayAsync(long acts = 1) => Patience.UntilAsync(
        () =>
        {
            ThrowIfFailed();
            return Turn.Done >= acts;
        },
        $"an attack to have done {acts} acts");

    /// <inheritdoc cref="UnderWayAsync"/>
    public void ThrowIfFailed()
    {
        if (_failure is { } failure)
        {
            throw new LabException($"the attack itself failed: {failure}", failure);
        }
    }

    public void Dispose()
    {
        Turn.End();
        _threads.ForEach(thread => thread.Join());
    }

    private void Run()
    {
        while (!Turn.IsOver && _failure is null)
        {
            try
            {
                _round(Turn);
            }
            catch (Exception end) when (Ended.By(end))
            {
                // The proxy ended a connection: that is what the attack is for. On with the next.
            }
#pragma warning disable CA1031 // whatever else it is, the test shall hear of it
            catch (Exception failure)
            {
                _failure = failure;
            }
#pragma warning restore CA1031
        }
    }
}
