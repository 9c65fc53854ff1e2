using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Ztunnel.Load.Cli;

namespace Ztunnel.Load.Scale;

/// <summary>Large meshes: the first push, one change, and memory.</summary>
internal sealed class ScaleCommand : Command
{
    private const double Mebibyte = 1 << 20;

    private readonly Option<int[]> _sizes = new("--sizes")
    {
        Description = "Workloads (1000 10000 100000).",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [1000, 10_000, 100_000],
    };

    private readonly Option<int> _updates = new("--updates")
    {
        Description = "Single changes after the first push, of each kind: another endpoint, the same one, a pod, a policy (500).",
        DefaultValueFactory = _ => 500,
    };

    public ScaleCommand(LoadOptions options)
        : base("mesh", "Meshes of 1,000 to 100,000 workloads over discovery: first push, one change, memory.")
    {
        options.AddProgramsTo(this);
        Add(_sizes);
        Add(_updates);
        SetAction(async (parsed, cancellation) =>
        {
            Table table = NewTable();
            ScaleRun run = new(options.Programs(parsed), parsed.GetValue(_sizes)!, parsed.GetValue(_updates));
            foreach (ScaleFigures figures in await run.RunAsync(Console.Error.WriteLine, cancellation))
            {
                table.AddRow(Row(figures));
            }

            Screens.Output.Write(table);
            return 0;
        });
    }

    private static Table NewTable()
    {
        Table table = new();
        table.AddColumn("program");
        IEnumerable<string> changes = ((string[])["update", "again", "pod", "policy"])
            .SelectMany(static kind => (string[])[$"{kind} ms", "CPU µs"]);
        foreach (string column in (string[])["workloads", "push MiB", "push s", "push CPU s", "B/workload", .. changes])
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        return table;
    }

    private static string[] Row(ScaleFigures figures) =>
    [
        figures.Program,
        figures.Workloads.ToString("N0", CultureInfo.InvariantCulture),
        Number(figures.PushBytes / Mebibyte, 1),
        Number(figures.PushSeconds, 2),
        Number(figures.PushCpuSeconds, 2),
        Number(figures.BytesPerWorkload, 0),
        .. Row(figures.Update),
        .. Row(figures.Again),
        .. Row(figures.Pod),
        .. Row(figures.Policy),
    ];

    private static string[] Row(ChangeFigures figures) =>
        [Number(figures.Milliseconds, 1), Number(figures.CpuMicroseconds, 0)];

    private static string Number(double value, int digits) =>
        value.ToString($"N{digits}", CultureInfo.InvariantCulture);
}
