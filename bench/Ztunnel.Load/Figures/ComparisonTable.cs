using System.Globalization;
using Spectre.Console;

namespace Ztunnel.Load.Figures;

/// <summary>A comparison for people.</summary>
internal static class ComparisonTable
{
    public static Table Of(Comparison comparison)
    {
        bool compares = comparison.Figures.Any(figure => comparison.Ratio(figure) is not null);
        Table table = new Table().Border(TableBorder.Simple).AddColumn("median of the rounds").AddColumn("");
        foreach (ProgramFigures program in comparison.Programs)
        {
            table.AddColumn(new TableColumn(Markup.Escape(program.Name)).RightAligned());
        }

        if (compares)
        {
            table.AddColumn(new TableColumn("ours/peer").RightAligned()).AddColumn("goal").AddColumn("later");
        }

        foreach (Figure figure in comparison.Figures)
        {
            table.AddRow([.. Row(comparison, figure, compares).Select(cell => new Markup(cell))]);
        }

        return table;
    }

    private static IEnumerable<string> Row(Comparison comparison, Figure figure, bool compares)
    {
        yield return Markup.Escape(figure.Title);
        yield return Markup.Escape(figure.Unit);
        foreach (ProgramFigures program in comparison.Programs)
        {
            yield return program.Median(figure.Key) is { } value
                ? value.ToString("F" + figure.Decimals, CultureInfo.InvariantCulture)
                : "";
        }

        if (compares)
        {
            double? ratio = comparison.Ratio(figure);
            yield return ratio?.ToString("F2", CultureInfo.InvariantCulture) ?? "";
            yield return Against(figure.Goal, ratio);
            yield return Against(figure.LaterGoal, ratio);
        }
    }

    private static string Against(Goal? goal, double? ratio) =>
        goal is null ? ""
        : ratio is not { } reached ? $"{goal}"
        : goal.IsMetBy(reached) ? $"[green]{goal} ✓[/]" : $"[red]{goal} ✗[/]";
}
