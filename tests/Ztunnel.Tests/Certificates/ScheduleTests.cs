using Ztunnel.Certificates;
using Ztunnel.Identity;

namespace Ztunnel.Tests.Certificates;

public sealed class ScheduleTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Next_FailuresInARow_DoublesWithScatterThenStaysSteady()
    {
        RetryBackoff backoff = new(new Random(3));
        double expected = 1;
        for (int failure = 0; failure < 12; failure++)
        {
            double seconds = backoff.Next(s_now).TotalSeconds;
            Assert.InRange(seconds, expected * 0.8, expected * 1.2);
            expected = Math.Min(expected * 2, 150);
        }

        Assert.Equal(TimeSpan.FromSeconds(150), backoff.Next(s_now.AddMinutes(15)));
        backoff.Reset();
        Assert.InRange(backoff.Next(s_now.AddMinutes(20)).TotalSeconds, 0.8, 1.2);
    }

    [Theory]
    [InlineData(0, 86_400, 0.45 * 86_400, 0.5 * 86_400)]
    [InlineData(-80_000, 6_400, 1, 1)] // half of its life is over: soon, but not at once
    [InlineData(-10, 1, 0.5, 0.5)] // hardly any life left
    public void After_Certificate_IsWithinItsBounds(double from, double to, double earliest, double latest)
    {
        for (int seed = 0; seed < 50; seed++)
        {
            DateTimeOffset refresh = RefreshSchedule.After(
                s_now.AddSeconds(from), s_now.AddSeconds(to), s_now, new Random(seed));

            Assert.InRange((refresh - s_now).TotalSeconds, earliest, latest);
        }
    }

    [Fact]
    public void TakeDue_MixedPriorities_GivesHighestThenEarliest()
    {
        RequestQueue queue = new();
        queue.Request(Id("background"), CertificatePriority.Background, s_now.AddSeconds(-9));
        queue.Request(Id("late"), CertificatePriority.RealTime, s_now.AddSeconds(-1));
        queue.Request(Id("early"), CertificatePriority.RealTime, s_now.AddSeconds(-2));
        queue.Request(Id("future"), CertificatePriority.RealTime, s_now.AddSeconds(1));
        queue.Request(Id("warm"), CertificatePriority.Warmup, s_now);

        Assert.Equal(["early", "late", "warm", "background"], Drain(queue, s_now));
        Assert.Equal(s_now.AddSeconds(1), queue.NextDue);
        Assert.Equal(["future"], Drain(queue, s_now.AddSeconds(1)));
        Assert.Null(queue.NextDue);
    }

    [Fact]
    public void Request_Again_OnlyRaises()
    {
        RequestQueue queue = new();
        queue.Request(Id("a"), CertificatePriority.Background, s_now.AddHours(1));
        queue.Request(Id("b"), CertificatePriority.Warmup, s_now);
        queue.Request(Id("a"), CertificatePriority.RealTime, s_now);
        queue.Request(Id("a"), CertificatePriority.Background, s_now.AddHours(2));
        queue.Request(Id("c"), CertificatePriority.RealTime, s_now);
        queue.Remove(Id("c"));

        Assert.Equal(["a", "b"], Drain(queue, s_now));
    }

    private static SpiffeId Id(string serviceAccount) => StoreFixture.Id(serviceAccount);

    private static List<string> Drain(RequestQueue queue, DateTimeOffset now)
    {
        List<string> taken = [];
        while (queue.TakeDue(now) is { } identity)
        {
            taken.Add(identity.ServiceAccount);
        }

        return taken;
    }
}
