namespace Ztunnel.Load.Figures;

/// <summary>One number that a run yields for every program.</summary>
/// <param name="Key">Case and quantity, as JSON has it: <c>rr64.cpu_us_per_op</c>.</param>
/// <param name="Title">As the table has it.</param>
internal sealed record Figure(string Key, string Title, string Unit)
{
    public int Decimals { get; init; } = 1;

    /// <summary>Of the first release; null where none is set.</summary>
    public Goal? Goal { get; init; }

    /// <summary>Of later ones.</summary>
    public Goal? LaterGoal { get; init; }
}
