using Ztunnel.Linux;

namespace Ztunnel.Tests.Linux;

public class TurnSchedulerTests
{
    private const long Share = 100;
    private const long LoneShare = 1000;

    private readonly TurnScheduler _scheduler = new(Share, LoneShare);
    private readonly TurnAccount _busy = new("busy");
    private readonly TurnAccount _calm = new("calm");

    [Fact]
    public void MayRun_AloneInTheTurn_HasTheLongShare()
    {
        Assert.Equal(LoneShare, RunFresh(_busy, slices: 1000, ticks: 10));
    }

    [Fact]
    public void MayRun_TwoAccounts_EachHasTheShortShare()
    {
        Contend();

        Assert.Equal(Share, RunFresh(_busy, slices: 100, ticks: 10));
        Assert.Equal(10, RunFresh(_calm, slices: 1, ticks: 10));
    }

    [Fact]
    public void MayRun_OtherAccountNotSeenForLong_HasTheLongShareAgain()
    {
        Contend();
        for (int turn = 0; turn < 64; turn++)
        {
            _scheduler.BeginTurn();
            Assert.True(_scheduler.MayRun(_busy));
        }

        _scheduler.BeginTurn();
        Assert.Equal(LoneShare, RunFresh(_busy, slices: 1000, ticks: 10));
    }

    [Fact]
    public void MayRun_SomethingWasPutOff_KeepsTheOrder()
    {
        _scheduler.BeginTurn();
        _scheduler.Defer(_busy, new DeferredWork("first"));

        Assert.False(_scheduler.MayRun(_busy));
        Assert.True(_scheduler.MayRun(_calm));
    }

    [Fact]
    public void Turn_HundredBusyHandlersAgainstOne_TheOneWaitsForNoMoreThanAShare()
    {
        const int Slice = 20;
        long pass = 0;
        long worst = 0;
        for (int turn = 0; turn < 500; turn++)
        {
            _scheduler.BeginTurn();
            long waited = pass; // the calm one's event came right after the last look
            for (int handler = 0; handler < 100; handler++) // all of them ready, in front of the calm one
            {
                waited += RunOrDefer(_busy, Slice);
            }

            Assert.True(_scheduler.MayRun(_calm) || turn == 0);
            worst = turn == 0 ? 0 : Math.Max(worst, waited); // nobody knows of the calm one in the first
            _scheduler.Charge(_calm, 5);
            pass = RunPass(Slice);
        }

        Assert.InRange(worst, 1, Share + Slice);
        Assert.True(_busy.TotalTicks >= 499 * Share); // and nothing is wasted
    }

    [Fact]
    public void Turn_SlicesLongerThanTheShare_GetTheSameTimeInTheLongRun()
    {
        TurnAccount rude = new("rude");
        Contend();
        _scheduler.Defer(_busy, new DeferredWork("busy"));
        _scheduler.Defer(rude, new DeferredWork("rude"));
        for (int turn = 0; turn < 1000; turn++)
        {
            _scheduler.BeginTurn();
            _scheduler.BeginPass();
            while (_scheduler.TryTake(out TurnAccount account, out DeferredWork work))
            {
                _scheduler.Charge(account, account == rude ? 3 * Share : Share / 4);
                _scheduler.Defer(account, work);
                if (account == _busy)
                {
                    _scheduler.Defer(account, work); // always plenty to do
                }
            }
        }

        Assert.InRange(rude.TotalTicks / (double)_busy.TotalTicks, 0.8, 1.25);
    }

    [Fact]
    public void Pass_OnlyDebtorsWaitAndNobodyWorks_ServesOneAllTheSame()
    {
        Contend();
        _scheduler.Charge(_busy, 8 * Share);
        _scheduler.BeginTurn();
        _scheduler.Defer(_busy, new DeferredWork("slice"));

        _scheduler.BeginPass();

        Assert.True(_scheduler.TryTake(out TurnAccount account, out _));
        Assert.Same(_busy, account);
    }

    [Fact]
    public void Pass_DebtorWaitsAndAnotherWorks_LeavesTheDebtorWaiting()
    {
        Contend();
        _scheduler.Charge(_busy, 8 * Share);
        _scheduler.BeginTurn();
        _scheduler.Defer(_busy, new DeferredWork("slice"));
        Assert.True(_scheduler.MayRun(_calm));
        _scheduler.Charge(_calm, 1);

        _scheduler.BeginPass();

        Assert.False(_scheduler.TryTake(out _, out _));
    }

    [Fact]
    public void Pass_ContinuationAsksAgain_WaitsForTheNextTurn()
    {
        _scheduler.BeginTurn();
        _scheduler.Defer(_busy, new DeferredWork("again"));

        _scheduler.BeginPass();
        int runs = 0;
        while (_scheduler.TryTake(out TurnAccount account, out DeferredWork work))
        {
            runs++;
            _scheduler.Defer(account, work);
        }

        Assert.Equal(1, runs);
        Assert.True(_scheduler.HasDeferred);
    }

    [Fact]
    public void Pass_ManyAccounts_EachGetsItsTurn()
    {
        TurnAccount[] accounts = [.. Enumerable.Range(0, 50).Select(i => new TurnAccount($"peer-{i}"))];
        foreach (TurnAccount account in accounts)
        {
            _scheduler.Defer(account, new DeferredWork(account.Name));
        }

        for (int turn = 0; turn < 200; turn++)
        {
            _scheduler.BeginTurn();
            _scheduler.BeginPass();
            long pass = 0;
            while (_scheduler.TryTake(out TurnAccount account, out DeferredWork work))
            {
                _scheduler.Charge(account, Share);
                _scheduler.Defer(account, work);
                pass += Share;
            }

            Assert.InRange(pass, Share, 6 * Share); // fresh events are looked at again soon
        }

        long least = accounts.Min(account => account.TotalTicks);
        Assert.True(least >= accounts.Max(account => account.TotalTicks) - (2 * Share), $"{least}");
    }

    [Fact]
    public void Pass_RandomWork_LosesNothing()
    {
        Random random = new(11);
        TurnAccount[] accounts = [.. Enumerable.Range(0, 10).Select(i => new TurnAccount($"{i}"))];
        HashSet<object> waiting = [];
        for (int turn = 0; turn < 5000; turn++)
        {
            _scheduler.BeginTurn();
            for (int i = random.Next(turn < 4000 ? 12 : 1); i > 0; i--)
            {
                object work = new();
                waiting.Add(work);
                _scheduler.Defer(accounts[random.Next(accounts.Length)], new DeferredWork(work));
            }

            _scheduler.BeginPass();
            while (_scheduler.TryTake(out TurnAccount account, out DeferredWork work))
            {
                Assert.True(waiting.Remove(work.Target));
                _scheduler.Charge(account, random.Next(40));
            }
        }

        Assert.Empty(waiting);
        Assert.False(_scheduler.HasDeferred);
    }

    private void Contend()
    {
        _scheduler.BeginTurn();
        _scheduler.MayRun(_busy);
        _scheduler.MayRun(_calm);
    }

    private long RunFresh(TurnAccount account, int slices, long ticks)
    {
        long used = 0;
        for (int i = 0; i < slices && _scheduler.MayRun(account); i++)
        {
            _scheduler.Charge(account, ticks);
            used += ticks;
        }

        return used;
    }

    private long RunOrDefer(TurnAccount account, long ticks)
    {
        if (_scheduler.MayRun(account))
        {
            _scheduler.Charge(account, ticks);
            return ticks;
        }

        _scheduler.Defer(account, new DeferredWork(account.Name));
        return 0;
    }

    private long RunPass(long ticks)
    {
        long used = 0;
        _scheduler.BeginPass();
        while (_scheduler.TryTake(out TurnAccount account, out _))
        {
            _scheduler.Charge(account, ticks);
            used += ticks;
        }

        return used;
    }
}
