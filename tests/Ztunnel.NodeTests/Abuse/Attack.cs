using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Abuse;

/// <summary>What is done to a proxy, and what it is expected to do about it.</summary>
/// <param name="Round">Done by every thread again and again.</param>
public sealed record Attack(Action<FloodTurn> Round)
{
    public int Threads { get; init; } = 4;

    /// <summary>The limit that must end connections, by its label in the metrics; null where fairness alone must do.</summary>
    public string? Limit { get; init; }

    /// <summary>Hostile acts before the innocent are measured.</summary>
    public long UnderWay { get; init; } = 1;

    /// <summary>Attacks the node of the innocent client; otherwise that of the server.</summary>
    public bool IsOutbound { get; init; }

    /// <summary>Looked at while the attack goes on, after the measurement; null where there is nothing more to see.</summary>
    public Func<Task>? Meanwhile { get; init; }
}
