namespace Ztunnel.Load.Figures;

/// <summary>All rounds of one program.</summary>
internal sealed class ProgramFigures(string name, string? path)
{
    private readonly List<RoundFigures> _rounds = [];

    public string Name => name;

    /// <summary>Null: no proxy at all.</summary>
    public string? Path => path;

    public IReadOnlyList<RoundFigures> Rounds => _rounds;

    public IEnumerable<string> Errors => _rounds.SelectMany(round => round.Errors).Select(error => $"{name}: {error}");

    public void Add(RoundFigures round) => _rounds.Add(round);

    /// <summary>Over the rounds that have the figure; null if none has.</summary>
    public double? Median(string key) =>
        _rounds.Where(round => round.Values.ContainsKey(key)).Select(round => round.Values[key]).Median();
}
