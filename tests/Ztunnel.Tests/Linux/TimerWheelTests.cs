using Ztunnel.Linux;

namespace Ztunnel.Tests.Linux;

public class TimerWheelTests
{
    // The longest a timer may be late: a tick, and one more because it fires when its tick is over.
    private const int Grain = 16;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(4095)] // the near wheel's round
    [InlineData(4096)]
    [InlineData(10_000)]
    [InlineData(300_000)]
    [InlineData(2_097_151)] // the far wheel's reach
    [InlineData(2_097_152)]
    [InlineData(86_400_000)]
    public void TakeDue_AnyDelay_IsNeitherEarlyNorLate(int delay)
    {
        foreach (long start in (long[])[0, 5, 4090, 123_456_789])
        {
            TimerWheel wheel = new(start);
            wheel.Add(start, TimeSpan.FromMilliseconds(delay), _ => { }, null);

            long now = start;
            while (wheel.TakeDue(now) is null)
            {
                int wait = wheel.MillisecondsToNext(now);
                Assert.InRange(wait, 1, 4096 + Grain);
                now += wait;
            }

            Assert.InRange(now - start, delay, delay + Grain);
            Assert.True(wheel.IsEmpty);
        }
    }

    [Fact]
    public void TakeDue_RandomAddsAndCancels_FiresExactlyWhatIsLeft()
    {
        Random random = new(7);
        const long Start = 987_654;
        TimerWheel wheel = new(Start);
        Dictionary<WorkerTimer, long> pending = [];
        long now = Start;
        for (int step = 0; step < 20_000; step++)
        {
            int delay = random.Next(4) switch { 0 => random.Next(20), 1 => random.Next(5000), _ => random.Next(100_000) };
            pending.Add(wheel.Add(now, TimeSpan.FromMilliseconds(delay), _ => { }, null), now + delay);
            if (random.Next(3) == 0)
            {
                WorkerTimer victim = pending.Keys.ElementAt(random.Next(Math.Min(pending.Count, 50)));
                victim.Cancel();
                Assert.True(pending.Remove(victim));
                Assert.False(victim.IsPending);
            }

            now += random.Next(30);
            while (wheel.TakeDue(now) is { } timer)
            {
                Assert.True(pending.Remove(timer, out long due));
                Assert.True(now >= due);
            }

            Assert.DoesNotContain(pending.Values.Take(50), due => due + Grain < now);
        }

        while (wheel.TakeDue(now += 1000) is not null || !wheel.IsEmpty)
        {
        }

        Assert.Equal(-1, wheel.MillisecondsToNext(now));
    }

    [Fact]
    public void TakeDue_CallbackAddsDueTimer_WaitsForTheNextTick()
    {
        TimerWheel wheel = new(0);
        wheel.Add(0, TimeSpan.Zero, _ => { }, null);

        Assert.NotNull(wheel.TakeDue(100));
        wheel.Add(100, TimeSpan.Zero, _ => { }, null);

        Assert.Null(wheel.TakeDue(100));
        Assert.NotNull(wheel.TakeDue(108));
    }
}
