using Ztunnel.Telemetry;

namespace Ztunnel.Tests.Telemetry;

public sealed class ReadinessTasksTests
{
    [Fact]
    public void Complete_OneByOne_LogsWhatIsLeftAndThenReady()
    {
        ManualTime time = new();
        using LogCapture log = new(time: time);
        ReadinessTasks tasks = new(log.Factory, time);
        ReadinessTask state = tasks.Register("state manager");
        ReadinessTask proxy = tasks.Register("proxy");
        Assert.Equal(["proxy", "state manager"], tasks.Pending);

        time.Advance(TimeSpan.FromTicks(20_612)); // 2.0612 ms
        proxy.Complete();
        proxy.Complete();
        state.Complete();

        Assert.True(tasks.IsReady);
        Assert.Equal(
            "2026-11-22T15:33:23.002061Z\tinfo\treadiness\tTask 'proxy' complete (2.0612ms), still awaiting 1 tasks\t\n"
            + "2026-11-22T15:33:23.002061Z\tinfo\treadiness\tTask 'state manager' complete (2.0612ms), marking server ready\t\n",
            log.Text);
    }

    [Fact]
    public void Reopen_AfterReady_IsPendingAgain()
    {
        using LogCapture log = new();
        ReadinessTasks tasks = new(log.Factory, new ManualTime());
        ReadinessTask cni = tasks.Register("workload proxy manager");
        cni.Complete();

        cni.Reopen();

        Assert.Equal(["workload proxy manager"], tasks.Pending);
        Assert.Contains("\twarn\treadiness\tTask 'workload proxy manager' is pending again", log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(20_612_57, "206.1257ms")]
    [InlineData(15_000_000, "1.5s")]
    [InlineData(125, "12.5µs")]
    [InlineData(5, "500ns")]
    [InlineData(0, "0ns")]
    public void Of_Duration_UsesTheLargestWholeUnit(long ticks, string expected) =>
        Assert.Equal(expected, DurationText.Of(TimeSpan.FromTicks(ticks)));

    [Fact]
    public void ToString_BuildInfo_IsTheBanner()
    {
        BuildInfo build = new() { Version = "1.2.3", GitRevision = "abc", IstioVersion = "1.27.0", CryptoProvider = "openssl" };

        Assert.Equal(
            $"version.BuildInfo{{Version:\"1.2.3\", GitRevision:\"abc\", RustVersion:\"\", BuildProfile:\"{BuildInfo.BuildProfile}\", BuildStatus:\"Clean\", IstioVersion:\"1.27.0\", CryptoProvider:\"openssl\"}}",
            build.ToString());
    }
}
