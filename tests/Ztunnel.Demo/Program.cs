using System.Runtime.InteropServices;
using Spectre.Console;
using Ztunnel.Demo;
using Ztunnel.Lab;

if (Environment.UserName != "root")
{
    AnsiConsole.MarkupLine("[red]The demo makes network namespaces and needs root:[/] sudo make demo");
    return 1;
}

// A signal ends the demo, but never without taking namespaces and processes away first.
TaskCompletionSource<int> interrupted = new(TaskCreationOptions.RunContinuationsAsynchronously);
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);

if (!AnsiConsole.Profile.Capabilities.Interactive)
{
    AnsiConsole.Profile.Width = 140; // a file has no width: do not wrap as if it were an old terminal
}

bool isLocal = args is ["--local"];
if (args.Length > 0 && !isLocal)
{
    AnsiConsole.MarkupLine("[red]The only option is --local:[/] a file and the embedded authority, no control plane");
    return 1;
}

int code;
await using (DemoMesh mesh = await DemoMesh.CreateAsync(isLocal))
{
    DemoRun run = new(mesh, AnsiConsole.Console);
    Task<int> steps = Task.Run(run.RunAsync);
    Task<int> ended = await Task.WhenAny(steps, interrupted.Task);
    if (ended != steps)
    {
        run.Abandon();
        AnsiConsole.MarkupLine("[yellow]Interrupted: cleaning up.[/]");
    }

    code = await ended;
}

AnsiConsole.MarkupLine("[grey]Namespaces, processes and files of the demo are gone.[/]");
return code;

void Interrupt(PosixSignalContext context)
{
    context.Cancel = true;
    interrupted.TrySetResult(128 + (context.Signal == PosixSignal.SIGINT ? 2 : 15));
}
