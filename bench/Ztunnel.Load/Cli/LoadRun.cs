using System.Globalization;
using Spectre.Console;
using Ztunnel.Load.Cases;
using Ztunnel.Load.Figures;
using Ztunnel.Load.Mesh;

namespace Ztunnel.Load.Cli;

/// <summary>Rounds over the programs, told on standard error as they go; the result on standard output.</summary>
internal sealed class LoadRun(LoadPlan plan, IReadOnlyList<ProgramFigures> programs)
{
    private const double Megabyte = 1 << 20;

    private readonly IAnsiConsole _progress = Screens.Error;
    private LoadPlan _plan = plan;

    /// <summary>A file, <c>-</c> for standard output, or null.</summary>
    public string? JsonTarget { get; init; }

    /// <returns>Exit code: 1 if there were errors in the traffic, whatever the figures.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        await LimitAsync();
        foreach (ProgramFigures program in programs.Where(program => program.Path is not null))
        {
            // Not counted: it brings the program into the page cache and compiles what waits for it.
            await using LoadMesh warmUp = await LoadMesh.StartAsync(program.Path, _plan);
        }

        for (int round = 1; round <= _plan.Rounds; round++)
        {
            foreach (ProgramFigures program in programs)
            {
                _progress.MarkupLineInterpolated(
                    $"[bold]round {round} of {_plan.Rounds}, {program.Name}[/] {program.Path}");
                program.Add(await RoundAsync(program, cancellation));
            }
        }

        Comparison comparison = new(programs);
        await ReportAsync(comparison, cancellation);
        return comparison.Errors.Count == 0 ? 0 : 1;
    }

    private async Task LimitAsync()
    {
        int held = await DescriptorAllowance.HoldableAsync(_plan.HeldConnections, each: _plan.IsOneNode ? 2 : 1);
        if (held < _plan.HeldConnections)
        {
            _progress.MarkupLineInterpolated($"[yellow]descriptors here are enough to hold {held} connections only[/]");
            _plan = _plan with { HeldConnections = held };
        }
    }

    private async Task<RoundFigures> RoundAsync(ProgramFigures program, CancellationToken cancellation)
    {
        RoundFigures figures = new();
        await using LoadMesh mesh = await LoadMesh.StartAsync(program.Path, _plan);
        if (mesh.HasProxies)
        {
            await LoadMesh.SettleAsync();
            figures.Set(FigureCatalog.ReadyMilliseconds, mesh.ReadyMilliseconds);
            figures.Set(FigureCatalog.ReadyCpuMilliseconds, mesh.ReadyCpuMilliseconds);
            figures.Set(FigureCatalog.IdlePss, mesh.PssPerProxy / Megabyte);
        }

        await mesh.StartServerAsync();
        foreach (ILoadCase @case in _plan.Cases)
        {
            cancellation.ThrowIfCancellationRequested();
            await @case.RunAsync(mesh, _plan, figures).WaitAsync(cancellation); // what still runs ends with the mesh
            Tell(@case, figures);
        }

        if (mesh.HasProxies)
        {
            await LoadMesh.SettleAsync();
            figures.Set(FigureCatalog.PssAfterwards, mesh.PssPerProxy / Megabyte);
        }

        return figures;
    }

    private void Tell(ILoadCase @case, RoundFigures figures)
    {
        string prefix = @case.Name + ".";
        IEnumerable<string> told = figures.Values
            .Where(value => value.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(value => string.Create(
                CultureInfo.InvariantCulture, $"{value.Key[prefix.Length..]} {Math.Round(value.Value, 2)}"));
        _progress.MarkupLineInterpolated($"  {@case.Name,-8} {string.Join("  ", told)}");
    }

    private async Task ReportAsync(Comparison comparison, CancellationToken cancellation)
    {
        bool isJsonOnly = JsonTarget == "-";
        IAnsiConsole screen = isJsonOnly ? _progress : Screens.Output;
        screen.Write(ComparisonTable.Of(comparison));
        foreach (string error in comparison.Errors)
        {
            screen.MarkupLineInterpolated($"[red]{error}[/]");
        }

        if (isJsonOnly)
        {
            await Console.Out.WriteLineAsync(ComparisonJson.Of(comparison));
        }
        else if (JsonTarget is not null)
        {
            await File.WriteAllTextAsync(JsonTarget, ComparisonJson.Of(comparison), cancellation);
        }
    }
}
