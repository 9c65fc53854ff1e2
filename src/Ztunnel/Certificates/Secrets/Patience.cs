namespace Ztunnel.Certificates.Secrets;

/// <summary>
/// How long to wait for a server that renews by itself: until nine tenths of a certificate's life have passed, and then
/// at ever shorter intervals until its end.
/// </summary>
internal static class Patience
{
    private const double Share = 0.9;

    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_afterTheEnd = TimeSpan.FromSeconds(15);

    // Timers run on monotonic time, certificates expire by the wall clock; this bounds how far the two may drift.
    private static readonly TimeSpan s_longestSleep = TimeSpan.FromMinutes(1);

    public static DateTimeOffset After(DateTimeOffset notBefore, DateTimeOffset notAfter, DateTimeOffset now)
    {
        DateTimeOffset due = notBefore + ((notAfter - notBefore) * Share);
        return due > now + s_shortest ? due : now + s_shortest;
    }

    /// <param name="end">Of the certificate in use.</param>
    public static DateTimeOffset Again(DateTimeOffset end, DateTimeOffset now)
    {
        TimeSpan left = (end - now) / 2;
        return now + (end <= now ? s_afterTheEnd : left > s_shortest ? left : s_shortest);
    }

    public static TimeSpan Sleep(DateTimeOffset next, DateTimeOffset now)
    {
        TimeSpan pause = next - now;
        return pause < TimeSpan.Zero ? TimeSpan.Zero : pause < s_longestSleep ? pause : s_longestSleep;
    }
}
