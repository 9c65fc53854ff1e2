namespace Ztunnel.Load.Cases;

/// <summary>All cases, by subcommand.</summary>
internal static class CaseCatalog
{
    public static IReadOnlyList<ILoadCase> Throughput { get; } =
    [
        new StreamCase("tput1", streams: 1, isReverse: false),
        new StreamCase("tput1r", streams: 1, isReverse: true),
        new StreamCase("tput8", streams: 8, isReverse: false),
    ];

    public static IReadOnlyList<ILoadCase> Latency { get; } =
    [
        new RequestCase("rr1", connections: 1, size: 64, reconnects: false),
        new RequestCase("rr64", connections: 64, size: 1024, reconnects: false),
    ];

    public static IReadOnlyList<ILoadCase> Connections { get; } =
    [
        new RequestCase("crr", connections: 16, size: 64, reconnects: true),
    ];

    public static IReadOnlyList<ILoadCase> Hold { get; } = [new HoldCase()];

    public static IReadOnlyList<ILoadCase> Dns { get; } = [new DnsCase()];

    public static IReadOnlyList<ILoadCase> All { get; } = [.. Throughput, .. Latency, .. Connections, .. Dns, .. Hold];
}
