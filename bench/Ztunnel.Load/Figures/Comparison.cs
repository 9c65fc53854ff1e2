namespace Ztunnel.Load.Figures;

/// <summary>What a run came to: the medians of every program, and ours over the peer's.</summary>
internal sealed class Comparison(IReadOnlyList<ProgramFigures> programs)
{
    public const string Ours = "ours";
    public const string Peer = "peer";

    public IReadOnlyList<ProgramFigures> Programs => programs;

    /// <summary>Figures that at least one program has.</summary>
    public IEnumerable<Figure> Figures =>
        FigureCatalog.All.Where(figure => programs.Any(program => program.Median(figure.Key) is not null));

    public IReadOnlyList<string> Errors => [.. programs.SelectMany(program => program.Errors)];

    /// <summary>Null unless both have the figure.</summary>
    public double? Ratio(Figure figure) =>
        Median(Ours, figure) / Median(Peer, figure) is { } ratio && double.IsFinite(ratio) ? ratio : null;

    private double? Median(string name, Figure figure) =>
        programs.FirstOrDefault(program => program.Name == name)?.Median(figure.Key);
}
