using System.Diagnostics;

namespace Ztunnel.Linux;

/// <summary>
/// Who runs next on a worker. Work is charged to accounts; an account that has had its share of a turn is put off, and
/// what was put off runs after everybody else's fresh events, account by account, a share each. No I/O, no clock:
/// ticks in, yes or no out.
/// </summary>
internal sealed class TurnScheduler(long contendedShare, long loneShare)
{
    /// <summary>Two accounts seen within so many turns of each other want the worker at the same time.</summary>
    private const int ContendedTurns = 64;

    /// <summary>
    /// A slice is cut by bytes or frames, not by the clock, so it may overdraw; that is taken off the next turns, but
    /// never more of them than this: one bad guess must not silence anybody for long.
    /// </summary>
    private const int MaxOverdrawnTurns = 64;

    /// <summary>Accounts served in one pass, at most: fresh events wait no longer than that many shares.</summary>
    private const int MaxPassShares = 5;

    private readonly Queue<TurnAccount> _queue = new();
    private TurnAccount? _lastSeen;
    private TurnAccount? _visited;
    private long _contendedUntilTurn;
    private long _passTicks;
    private int _passAccounts;
    private int _visitItems;
    private bool _hasWorked; // in this turn: somebody was charged
    private bool _hasVisited; // in this pass

    /// <summary>
    /// The share where others want the worker too is what a few of their requests take, so that they keep at least half of
    /// it however much one account wants; a slice that takes more is paid back. 1 ms for an account that is alone: bounds
    /// how late timers, posts and newcomers are seen.
    /// </summary>
    public TurnScheduler(TimeSpan contendedShare)
        : this((long)(contendedShare.TotalSeconds * Stopwatch.Frequency), Stopwatch.Frequency / 1_000)
    {
    }

    public long Turn { get; private set; }

    public bool HasDeferred => _queue.Count > 0;

    /// <summary>Ticks one account may take of a turn now.</summary>
    public long Share => IsContended ? contendedShare : loneShare;

    public bool IsContended => Turn < _contendedUntilTurn;

    public void BeginTurn()
    {
        Turn++;
        _hasWorked = false;
    }

    /// <summary>True: the work may run now. False: it has to be deferred, to keep the account within its share.</summary>
    public bool MayRun(TurnAccount account)
    {
        See(account);

        // Order within an account is kept: newer events do not overtake what was put off.
        return account.DeferredCount == 0 && account.TurnTicks < Share;
    }

    public void Charge(TurnAccount account, long ticks)
    {
        account.TurnTicks += ticks;
        account.TotalTicks += ticks;
        _passTicks += ticks;
        _hasWorked = true;
    }

    public void Defer(TurnAccount account, DeferredWork work)
    {
        account.Enqueue(work);
        if (!account.IsQueued && !ReferenceEquals(account, _visited))
        {
            account.IsQueued = true;
            _queue.Enqueue(account);
        }
    }

    /// <summary>From here on <see cref="TryTake"/> hands out what was put off before: each piece once.</summary>
    public void BeginPass()
    {
        (_passTicks, _passAccounts, _visitItems) = (0, _queue.Count, 0);
        _hasVisited = false;
    }

    /// <returns>False when the pass is over; what is left waits for the next turn.</returns>
    public bool TryTake(out TurnAccount account, out DeferredWork work)
    {
        if (_visited is null || _visitItems == 0 || _visited.TurnTicks >= Share)
        {
            EndVisit();
            if (!BeginVisit())
            {
                (account, work) = (null!, default);
                return false;
            }
        }

        _visitItems--;
        account = _visited!;
        work = account.Dequeue();
        return true;
    }

    private bool BeginVisit()
    {
        for (; _passAccounts > 0 && _passTicks < MaxPassShares * Share; _passAccounts--)
        {
            TurnAccount next = _queue.Dequeue();
            See(next);
            if (next.TurnTicks < Share)
            {
                _passAccounts--;
                Visit(next, next.DeferredCount);
                return true;
            }

            _queue.Enqueue(next); // had its turn, or overdrew the last one
        }

        return BeginIdleVisit();
    }

    // All that wait have overdrawn, and nobody else has anything to do: debts are for when somebody is kept waiting.
    private bool BeginIdleVisit()
    {
        if (_hasWorked || _hasVisited || _queue.Count == 0)
        {
            return false;
        }

        TurnAccount next = _queue.Dequeue();
        next.TurnTicks = 0;
        Visit(next, 1);
        return true;
    }

    private void Visit(TurnAccount account, int items)
    {
        _hasVisited = true;
        account.IsQueued = false;
        (_visited, _visitItems) = (account, items);
    }

    private void EndVisit()
    {
        if (_visited is not { } visited)
        {
            return;
        }

        _visited = null;
        if (visited.DeferredCount > 0)
        {
            visited.IsQueued = true;
            _queue.Enqueue(visited);
        }
    }

    private void See(TurnAccount account)
    {
        if (!ReferenceEquals(account, _lastSeen))
        {
            _contendedUntilTurn = _lastSeen is null ? 0 : Turn + ContendedTurns;
            _lastSeen = account;
        }

        if (account.Turn != Turn)
        {
            account.TurnTicks = IsContended && account.TurnTicks > 0 ? Overdrawn(account) : 0;
            account.Turn = Turn;
        }
    }

    private long Overdrawn(TurnAccount account)
    {
        long owed = Math.Min(account.TurnTicks, MaxOverdrawnTurns * contendedShare);
        return Math.Max(0, owed - ((Turn - account.Turn) * contendedShare));
    }
}
