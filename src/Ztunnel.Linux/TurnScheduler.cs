using System.Diagnostics;

namespace Ztunnel.Linux;

/// <summary>
/// Who runs next on a worker. Work is charged to accounts; an account that has had its share of a turn is put off, and
/// what was put off runs one slice an account at a time, after everybody else's fresh events. No I/O, no clock.
/// </summary>
internal sealed class TurnScheduler
{
    /// <summary>
    /// Share of a turn while others want the worker too. About two small requests' or one large record batch's work:
    /// short enough that a caller who waits behind it does not notice, long enough to keep batches worthwhile.
    /// </summary>
    private static readonly long s_contendedShare = Stopwatch.Frequency / 10_000; // 100 µs

    /// <summary>Share of a turn for an account that is alone: bounds how late timers, posts and newcomers are seen.</summary>
    private static readonly long s_loneShare = Stopwatch.Frequency / 1_000; // 1 ms

    private readonly Queue<TurnAccount> _queue = new();
    private TurnAccount? _lastSeen;
    private long _contendedUntilTurn;

    public long Turn { get; private set; }

    public bool HasDeferred => _queue.Count > 0;

    /// <summary>Stopwatch ticks one account may take of a turn now.</summary>
    public long Share => Turn < _contendedUntilTurn ? s_contendedShare : s_loneShare;

    public void BeginTurn() => Turn++;

    /// <summary>True: the work may run now. False: it has to be deferred, to keep the account within its share.</summary>
    public bool MayRun(TurnAccount account)
    {
        if (!ReferenceEquals(account, _lastSeen))
        {
            // Two accounts seen within a few turns of each other: shares are short from now on.
            _contendedUntilTurn = _lastSeen is null ? 0 : Turn + 64;
            _lastSeen = account;
        }

        if (account.Turn != Turn)
        {
            (account.Turn, account.TurnTicks) = (Turn, 0);
        }

        // Order within an account is kept: newer events do not overtake what was put off.
        return account.Deferred.Count == 0
            && account.TurnTicks < Share;
    }

    public static void Charge(TurnAccount account, long ticks)
    {
        account.TurnTicks += ticks;
        account.TotalTicks += ticks;
    }

    public void Defer(TurnAccount account, DeferredWork work)
    {
        account.Deferred.Enqueue(work);
        if (!account.IsQueued)
        {
            account.IsQueued = true;
            _queue.Enqueue(account);
        }
    }

    /// <summary>The next account in line, taken off the line; null if nobody waits.</summary>
    public TurnAccount? NextAccount()
    {
        if (!_queue.TryDequeue(out TurnAccount? account))
        {
            return null;
        }

        account.IsQueued = false;
        return account;
    }


    public void Requeue(TurnAccount account)
    {
        if (account.Deferred.Count > 0 && !account.IsQueued)
        {
            account.IsQueued = true;
            _queue.Enqueue(account);
        }
    }
}
