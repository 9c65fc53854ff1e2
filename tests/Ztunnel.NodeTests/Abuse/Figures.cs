using System.Globalization;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Abuse;

/// <summary>What one attempt measured, and what is wrong with it.</summary>
internal sealed record Figures(UsualLoad Usual, IReadOnlyList<LoadWindow> Attacked, long Acts, long MemoryGrowth)
{
    private const double LeastRate = 0.5;
    private const double MostLatency = 3;
    private const long MostMemory = 16 * 1024 * 1024;

    /// <summary>Error codes with which the proxy ended hostile connections.</summary>
    public IReadOnlyCollection<uint> GoAways { get; init; } = [];

    /// <summary>Errors of the innocent and memory: what no noise of the machine excuses.</summary>
    public IEnumerable<string> Faults => Attacked.SelectMany(window => window.Errors).Distinct()
        .Select(error => $"an innocent request failed: {error}")
        .Concat(MemoryGrowth < MostMemory ? [] : [$"memory grew by {MemoryGrowth / 1024} KiB"]);

    /// <summary>Missed ratios: another process on the machine can be the reason.</summary>
    public bool IsSlow => !Attacked.Any(IsFastEnough);

    public bool IsFastEnough(LoadWindow window) =>
        window.Rate >= Usual.Rate * LeastRate
        && window.FreshRate >= Usual.FreshRate * LeastRate
        && window.P99 <= Usual.P99 * MostLatency
        && window.FreshP99 <= Usual.FreshP99 * MostLatency;

    public override string ToString()
    {
        string attacked = string.Join('\n', Attacked.Select(window => $"attacked: {window}"));
        string memory = (MemoryGrowth / 1024).ToString("+0;-0", CultureInfo.InvariantCulture);
        string goAways = string.Join(' ', GoAways);
        return $"{Usual}\n{attacked}\n{Acts} hostile acts, memory {memory} KiB, GOAWAY {goAways}";
    }
}
