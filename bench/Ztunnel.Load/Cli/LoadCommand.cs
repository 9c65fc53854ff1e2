using System.CommandLine;
using Ztunnel.Load.Cases;

namespace Ztunnel.Load.Cli;

/// <summary>One of the subcommands a person calls: a set of cases, run for every program named.</summary>
internal sealed class LoadCommand : Command
{
    public LoadCommand(string name, string description, IReadOnlyList<ILoadCase> cases, LoadOptions options)
        : base(name, description)
    {
        options.AddTo(this);
        SetAction(async (parsed, cancellation) =>
        {
            LoadRun run = options.Read(parsed, cases);
            return await run.RunAsync(cancellation);
        });
    }
}
