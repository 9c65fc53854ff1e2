using Ztunnel.Linux;

namespace Ztunnel.Tests.Linux;

public class WorkerTests
{
    [Fact]
    public async Task Post_FromManyThreads_RunsEachOnceInOrderOfItsThread()
    {
        using TestWorker test = new();
        List<(int Thread, int Number)> seen = [];
        CountdownEvent all = new(4 * 1000);

        Parallel.For(0, 4, thread =>
        {
            for (int i = 0; i < 1000; i++)
            {
                test.Worker.Post(state =>
                {
                    seen.Add(((int, int))state!);
                    all.Signal();
                }, (thread, i));
            }
        });

        Assert.True(all.Wait(TestWorker.Patience));
        await test.Run(_ => { });
        foreach (IGrouping<int, (int Thread, int Number)> group in seen.GroupBy(item => item.Thread))
        {
            Assert.Equal(Enumerable.Range(0, 1000), group.Select(item => item.Number));
        }
    }

    [Fact]
    public async Task Post_ToASleepingWorker_AlwaysWakesIt()
    {
        using TestWorker test = new();

        for (int i = 0; i < 2000; i++) // each waits for the one before: the worker is going to sleep meanwhile
        {
            TaskCompletionSource ran = new();
            test.Worker.Post(state => ((TaskCompletionSource)state!).SetResult(), ran);
            await ran.Task.WaitAsync(TestWorker.Patience);
        }

        Assert.True(test.Worker.Posts >= 2000);
    }

    [Fact]
    public void Post_AfterDispose_DoesNothing()
    {
        TestWorker test = new();
        test.Dispose();

        test.Worker.Post(_ => Assert.Fail("ran"), null);
    }

    [Fact]
    public async Task Await_OfWorkElsewhere_ResumesOnTheWorkerAndItsAccount()
    {
        using TestWorker test = new();
        TurnAccount account = new("peer");

        (Worker? where, TurnAccount? who) = await test.Run(async worker =>
        {
            TaskCompletionSource<(Worker?, TurnAccount?)> result = new();
            worker.Continue(new Callback(account, async () =>
            {
                await Task.Run(() => { });
                result.SetResult((Worker.Current, worker.CurrentAccount));
            }));
            return await result.Task;
        });

        Assert.Same(test.Worker, where);
        Assert.Same(account, who);
    }

    [Fact]
    public async Task Schedule_SeveralDelays_FireInOrderAndNotEarly()
    {
        using TestWorker test = new();

        List<(int Delay, long Late)> fired = await test.Run(async worker =>
        {
            List<(int, long)> seen = [];
            TaskCompletionSource last = new();
            foreach (int delay in (int[])[90, 0, 40])
            {
                long start = worker.NowMilliseconds;
                worker.Schedule(TimeSpan.FromMilliseconds(delay), _ =>
                {
                    seen.Add((delay, worker.NowMilliseconds - start - delay));
                    if (seen.Count == 3)
                    {
                        last.SetResult();
                    }
                }, null);
            }

            await last.Task;
            return seen;
        });

        Assert.Equal([0, 40, 90], fired.Select(item => item.Delay));
        Assert.All(fired, item => Assert.True(item.Late >= 0));
    }

    [Fact]
    public async Task Cancel_BeforeDue_NeverFires()
    {
        using TestWorker test = new();

        bool fired = await test.Run(async worker =>
        {
            bool cancelledFired = false;
            TaskCompletionSource later = new();
            WorkerTimer timer = worker.Schedule(TimeSpan.FromMilliseconds(10), _ => cancelledFired = true, null);
            worker.Schedule(TimeSpan.FromMilliseconds(60), _ => later.SetResult(), null);
            timer.Cancel();
            timer.Cancel();
            await later.Task;
            return cancelledFired;
        });

        Assert.False(fired);
    }

    [Fact]
    public async Task AtTurnEnd_AskedForInTheTurnsEnd_RunsInTheSameTurn()
    {
        using TestWorker test = new();
        List<(string, long)> seen = [];

        await test.Run(async worker =>
        {
            TaskCompletionSource ended = new();
            worker.AtTurnEnd(new Sender(() =>
            {
                seen.Add(("first", worker.Turns));
                worker.AtTurnEnd(new Sender(() =>
                {
                    seen.Add(("second", worker.Turns));
                    ended.SetResult();
                }));
            }));
            seen.Add(("work", worker.Turns));
            await ended.Task;
        });

        Assert.Equal(["work", "first", "second"], seen.Select(item => item.Item1));
        Assert.Single(seen.Select(item => item.Item2).Distinct());
    }

    [Fact]
    public async Task AtTurnEnd_AskingForItselfForEver_DoesNotStopTheWorker()
    {
        using TestWorker test = new();
        bool stop = false;
        Sender? sender = null;
        sender = new Sender(() =>
        {
            if (!stop)
            {
                test.Worker.AtTurnEnd(sender!);
            }
        });

        await test.Run(worker => worker.AtTurnEnd(sender));
        await test.Run(worker => stop = true);

        Assert.False(test.Worker.Completion.IsCompleted);
    }

    [Fact]
    public async Task Completion_CallbackThrows_FaultsWithTheReason()
    {
        using TestWorker test = new();

        test.Worker.Post(_ => throw new InvalidDataException("the reason"), null);

        Exception death = await Assert.ThrowsAsync<InvalidDataException>(
            () => test.Worker.Completion.WaitAsync(TestWorker.Patience));
        Assert.Equal("the reason", death.Message);
    }

    [Fact]
    public async Task Completion_Stopped_EndsWithoutFault()
    {
        using TestWorker test = new();

        test.Worker.Stop();

        await test.Worker.Completion.WaitAsync(TestWorker.Patience);
    }

    [Fact]
    public async Task Continue_AccountOfAnotherWorker_IsRefused()
    {
        using TestWorker first = new();
        using TestWorker second = new();
        TurnAccount account = new("shared");
        await first.Run(async worker =>
        {
            TaskCompletionSource ran = new();
            worker.Continue(new Callback(account, ran.SetResult));
            await ran.Task;
        });

        second.Worker.Post(_ => second.Worker.Continue(new Callback(account, () => { })), null);

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => second.Worker.Completion.WaitAsync(TestWorker.Patience));
    }

    private sealed class Callback(TurnAccount account, Action action) : IContinuation
    {
        public TurnAccount Account => account;

        public void Continue() => action();
    }

    private sealed class Sender(Action action) : ITurnEnd
    {
        public void OnTurnEnd() => action();
    }
}
