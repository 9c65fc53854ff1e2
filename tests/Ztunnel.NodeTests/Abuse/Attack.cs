using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Abuse;

/// <summary>What is done to a proxy, and what it is expected to do about it.</summary>
/// <param name="Round">Done by every thread again and again.</param>
public sealed record Attack(Action<FloodTurn> Round)
{
    public const uint EnhanceYourCalm = 11;

    public int Threads { get; init; } = 4;

    /// <summary>Opens so many of something and holds them to the end.</summary>
    public static Attack Holding(int count, Action<FloodTurn> open) => new(turn =>
    {
        for (int i = 0; i < count; i++)
        {
            open(turn);
            turn.Count(1);
        }

        turn.WaitForEnd();
    })
    {
        Threads = 1,
        UnderWay = count,
    };

    /// <summary>The limit that must end connections, as metrics call it; null where fairness alone must do.</summary>
    public string? Limit { get; init; }

    /// <summary>The error code that hostile peers must have read at least once; null if it does not matter.</summary>
    public uint? GoAway { get; init; }

    /// <summary>Hostile acts before the innocent are measured.</summary>
    public long UnderWay { get; init; } = 1;

    /// <summary>Attacks the node of the innocent client; otherwise that of the server.</summary>
    public bool IsOutbound { get; init; }

    /// <summary>Started before the attack and disposed after it: who it needs on the other side.</summary>
    public Func<IDisposable>? Accomplice { get; init; }

    /// <summary>Looked at after the measurement, while the attack goes on; null: nothing to see.</summary>
    public Func<Task>? Meanwhile { get; init; }
}
