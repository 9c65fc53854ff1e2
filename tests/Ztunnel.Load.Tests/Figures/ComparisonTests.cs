using System.Text.Json;
using Spectre.Console;
using Ztunnel.Load.Figures;

namespace Ztunnel.Load.Tests.Figures;

public class ComparisonTests
{
    private const string Rate = "rr64.ops_s";

    [Theory]
    [InlineData(1.1, true, 1.1, true)]
    [InlineData(1.1, true, 1.09, false)]
    [InlineData(0.6, false, 0.6, true)]
    [InlineData(0.6, false, 0.61, false)]
    public void IsMetBy_AtTheEdge_IsInclusive(double goal, bool isFloor, double ratio, bool isMet) =>
        Assert.Equal(isMet, new Goal(goal, isFloor).IsMetBy(ratio));

    [Theory]
    [InlineData(new double[] { }, null)]
    [InlineData(new[] { 3.0 }, 3.0)]
    [InlineData(new[] { 9.0, 1.0, 5.0 }, 5.0)]
    [InlineData(new[] { 9.0, 1.0, 5.0, 4.0 }, 4.5)]
    public void Median_OfRounds_IsTheMiddleOne(double[] values, double? median) =>
        Assert.Equal(median, Program("ours", values).Median(Rate));

    [Fact]
    public void Ratio_OfBoth_IsOursOverThePeers()
    {
        Comparison comparison = new([Program(Comparison.Ours, 30, 10, 20), Program(Comparison.Peer, 10)]);

        Figure figure = Assert.Single(comparison.Figures);

        Assert.Equal((Rate, 2.0), (figure.Key, comparison.Ratio(figure)));
    }

    [Fact]
    public void Ratio_WithoutAPeerOrToNothing_IsNull()
    {
        Comparison alone = new([Program(Comparison.Ours, 30)]);
        Comparison toNothing = new([Program(Comparison.Ours, 30), Program(Comparison.Peer, 0)]);

        Assert.Null(alone.Ratio(alone.Figures.Single()));
        Assert.Null(toNothing.Ratio(toNothing.Figures.Single()));
    }

    [Fact]
    public void Table_OfBoth_ShowsWhichGoalsAreMet()
    {
        string text = Text(new Comparison([Program(Comparison.Ours, 15), Program(Comparison.Peer, 10)]));

        string line = Assert.Single(
            text.Split('\n'), line => line.Contains("64 connections", StringComparison.Ordinal));
        Assert.Contains("≥ 1.4 ✓", line, StringComparison.Ordinal);
        Assert.Contains("≥ 2.2 ✗", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_OfARunWithErrors_HasFiguresRatiosAndErrors()
    {
        ProgramFigures ours = Program(Comparison.Ours, 15);
        ours.Rounds[0].AddErrors("rr64", 3);

        Comparison comparison = new([ours, Program(Comparison.Peer, 10)]);
        using JsonDocument json = JsonDocument.Parse(ComparisonJson.Of(comparison));

        JsonElement program = json.RootElement.GetProperty("programs")[0];
        Assert.Equal(15, program.GetProperty("medians").GetProperty(Rate).GetDouble());
        Assert.Equal("ours: rr64: 3 errors", program.GetProperty("errors")[0].GetString());
        JsonElement ratio = json.RootElement.GetProperty("ratios")[0];
        Assert.Equal((1.5, true), (ratio.GetProperty("ratio").GetDouble(), ratio.GetProperty("isMet").GetBoolean()));
    }

    [Fact]
    public void Catalog_Keys_AreUnique() =>
        Assert.Equal(FigureCatalog.All.Count, FigureCatalog.All.Select(figure => figure.Key).Distinct().Count());

    private static ProgramFigures Program(string name, params double[] rates)
    {
        ProgramFigures program = new(name, "/bin/x");
        foreach (double rate in rates)
        {
            RoundFigures round = new();
            round.Set(Rate, rate);
            program.Add(round);
        }

        return program;
    }

    private static string Text(Comparison comparison)
    {
        using StringWriter writer = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        console.Profile.Width = 140;
        console.Write(ComparisonTable.Of(comparison));
        return writer.ToString();
    }
}
