namespace Ztunnel.Certificates;

/// <summary>When a certificate is renewed: at half of its life, or a little before.</summary>
internal static class RefreshSchedule
{
    // A node's certificates were issued together when it started; without this they would all be renewed together.
    private const double Jitter = 0.05;

    /// <summary>
    /// Never at once: a CA that dates certificates back beyond half of their life must not be asked without pause.
    /// </summary>
    private static readonly TimeSpan s_leastPause = TimeSpan.FromSeconds(1);

    public static DateTimeOffset After(
        DateTimeOffset notBefore, DateTimeOffset notAfter, DateTimeOffset now, Random random)
    {
        TimeSpan lifetime = notAfter - notBefore;
        DateTimeOffset refresh = notBefore + (lifetime * (0.5 - (Jitter * random.NextDouble())));
        TimeSpan remaining = notAfter - now;
        DateTimeOffset earliest = now + (remaining < s_leastPause * 2 ? remaining / 2 : s_leastPause);
        return refresh > earliest ? refresh : earliest;
    }
}
