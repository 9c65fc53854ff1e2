namespace Ztunnel.Load.Figures;

/// <summary>All figures in the order of the table, with the project's goals for them.</summary>
internal static class FigureCatalog
{
    public const string ReadyMilliseconds = "start.ready_ms";
    public const string ReadyCpuMilliseconds = "start.cpu_ms";
    public const string IdlePss = "idle.pss_mb";
    public const string PssAfterwards = "after.pss_mb";

    public static IReadOnlyList<Figure> All { get; } =
    [
        .. Throughput("tput1", "one stream", isGoal: true),
        .. Throughput("tput1r", "one stream, reverse", isGoal: false),
        .. Throughput("tput8", "eight streams", isGoal: true),
        .. OneAtATime(),
        .. ManyAtOnce(),
        .. ConnectAndClose(),
        .. Names(),
        new("hold.setup_s", "held connections: all open after", "s") { Decimals = 2 },
        new("hold.kib_per_conn", "… memory of a proxy for each", "KiB")
        {
            Decimals = 2, Goal = Goal.AtMost(1.0), LaterGoal = Goal.AtMost(0.4),
        },
        new(IdlePss, "idle memory (PSS)", "MB") { Goal = Goal.AtMost(3), LaterGoal = Goal.AtMost(1.5) },
        new(PssAfterwards, "memory after all of it (PSS)", "MB"),
        new(ReadyMilliseconds, "start to ready", "ms")
        {
            Decimals = 0, Goal = Goal.AtMost(2), LaterGoal = Goal.AtMost(1),
        },
        new(ReadyCpuMilliseconds, "… CPU until then", "ms") { Decimals = 0 },
    ];

    private static Figure[] Throughput(string name, string title, bool isGoal) =>
    [
        new($"{name}.gbit_s", title, "Gbit/s")
        {
            Decimals = 2, Goal = isGoal ? Goal.AtLeast(1.1) : null, LaterGoal = isGoal ? Goal.AtLeast(1.5) : null,
        },
        new($"{name}.cpu_s_per_gib", "… CPU of all proxies", "s/GiB")
        {
            Decimals = 2, Goal = isGoal ? Goal.AtMost(1.0) : null, LaterGoal = isGoal ? Goal.AtMost(0.65) : null,
        },
    ];

    private static Figure[] OneAtATime() =>
    [
        new("rr1.ops_s", "one request at a time, 64 B", "/s") { Decimals = 0 },
        new("rr1.p50_us", "… p50", "µs") { Goal = Goal.AtMost(1.0), LaterGoal = Goal.AtMost(0.8) },
        new("rr1.p99_us", "… p99", "µs") { Goal = Goal.AtMost(1.0), LaterGoal = Goal.AtMost(0.8) },
        new("rr1.cpu_us_per_op", "… CPU of all proxies", "µs"),
    ];

    private static Figure[] ManyAtOnce() =>
    [
        new("rr64.ops_s", "64 connections, 1 KiB", "/s")
        {
            Decimals = 0, Goal = Goal.AtLeast(1.4), LaterGoal = Goal.AtLeast(2.2),
        },
        new("rr64.p50_us", "… p50", "µs"),
        new("rr64.p99_us", "… p99", "µs"),
        new("rr64.cpu_us_per_op", "… CPU of all proxies", "µs")
        {
            Goal = Goal.AtMost(0.6), LaterGoal = Goal.AtMost(0.35),
        },
    ];

    private static Figure[] ConnectAndClose() =>
    [
        new("crr.ops_s", "connect, request, close; 16 at a time", "/s")
        {
            Decimals = 0, Goal = Goal.AtLeast(1.1), LaterGoal = Goal.AtLeast(2),
        },
        new("crr.p50_us", "… p50", "µs"),
        new("crr.p99_us", "… p99", "µs"),
        new("crr.cpu_us_per_op", "… CPU of all proxies", "µs")
        {
            Goal = Goal.AtMost(0.8), LaterGoal = Goal.AtMost(0.45),
        },
    ];

    private static Figure[] Names() =>
    [
        new("dns.ops_s", "DNS, names of the mesh, 64 at a time", "/s") { Decimals = 0 },
        new("dns.p50_us", "… p50", "µs"),
        new("dns.p99_us", "… p99", "µs"),
        new("dns.cpu_us_per_op", "… CPU of all proxies", "µs") { Decimals = 2 },
    ];
}
