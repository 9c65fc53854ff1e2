namespace Ztunnel.Config;

/// <summary>How long connections may finish when the process ends.</summary>
internal sealed record DrainOptions
{
    /// <summary>
    /// <c>CONNECTION_TERMINATION_DEADLINE</c>; else from <c>TERMINATION_GRACE_PERIOD_SECONDS</c>, with room left
    /// before the kubelet kills: 5 s of more than 10, else 1 s.
    /// </summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(5);

    public static DrainOptions From(EnvironmentReader env)
    {
        DrainOptions defaults = new();
        return new DrainOptions
        {
            Deadline = env.Duration("CONNECTION_TERMINATION_DEADLINE")
                ?? OfGracePeriod(env.UInt32("TERMINATION_GRACE_PERIOD_SECONDS"))
                ?? defaults.Deadline,
        };
    }

    private static TimeSpan? OfGracePeriod(uint? seconds) => seconds switch
    {
        null => null,
        > 10 => TimeSpan.FromSeconds(seconds.Value - 5),
        <= 1 => TimeSpan.FromSeconds(1),
        { } few => TimeSpan.FromSeconds(few - 1),
    };
}
