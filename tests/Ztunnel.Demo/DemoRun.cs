using System.Diagnostics;
using Spectre.Console;
using Ztunnel.Demo.Steps;
using Ztunnel.Lab;

namespace Ztunnel.Demo;

/// <summary>The steps in their order, each with its progress, its time and whether it showed what it should.</summary>
internal sealed class DemoRun(DemoMesh mesh, IAnsiConsole console)
{
    private static readonly IStep[] s_steps =
    [
        new CallStep(), new ThroughputStep(), new WireStep(), new CertificateStep(), new EndpointStep(),
        new PolicyStep(), new LogStep(), new MetricsStep(), new PrometheusStep(), new DrainStep(),
    ];

    private readonly IStep[] _steps = [new StartStep(), .. OfControlPlane(mesh), .. s_steps];

    private volatile bool _isAbandoned;

    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync()
    {
        console.Write(new Rule("[bold]Ztunnel[/]: two nodes, five pods, one machine").LeftJustified());
        long start = Stopwatch.GetTimestamp();
        for (int index = 0; index < _steps.Length && !_isAbandoned; index++)
        {
            if (!await TryAsync(_steps[index], $"{index + 1}/{_steps.Length}"))
            {
                return 1;
            }
        }

        console.MarkupLine($"[green]All shown[/] in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s.");
        return 0;
    }

    /// <summary>Somebody else ends the process: what fails from now on is of no interest.</summary>
    public void Abandon() => _isAbandoned = true;

    private static IStep[] OfControlPlane(DemoMesh mesh) =>
        mesh.ControlPlane is { } controlPlane ? [new ControlPlaneStep(controlPlane)] : [];

    // A spinner is for people; in a file it would only repeat the title.
    private Task ShowProgressAsync(IStep step, Task running) => console.Profile.Capabilities.Interactive
        ? console.Status().StartAsync(step.Title, _ => running)
        : running;

    private async Task<bool> TryAsync(IStep step, string number)
    {
        long start = Stopwatch.GetTimestamp();
        console.MarkupLine($"[blue]{number}[/] [bold]{step.Title}[/]");
        try
        {
            await ShowProgressAsync(step, step.RunAsync(mesh, new StepOutput(console)));
            console.MarkupLine($"   [green]✓[/] [grey]{Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s[/]");
            return true;
        }
        catch (Exception) when (_isAbandoned)
        {
            return false; // its mesh was taken away under it
        }
        catch (Exception failure) when (
            failure is DemoFailure or LabException or IOException or System.Net.Sockets.SocketException)
        {
            console.MarkupLine($"   [red]✗ {Markup.Escape(failure.Message)}[/]");
            console.MarkupLine("[red]The demo failed.[/]");
            return false;
        }
    }
}
