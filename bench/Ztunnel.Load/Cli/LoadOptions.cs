using System.CommandLine;
using Ztunnel.Lab;
using Ztunnel.Load.Cases;
using Ztunnel.Load.Figures;

namespace Ztunnel.Load.Cli;

/// <summary>What all subcommands take.</summary>
internal sealed class LoadOptions
{
    private readonly Option<FileInfo> _ours = new Option<FileInfo>("--ours")
    {
        Description = "The program under test; otherwise ZTUNNEL_BIN, otherwise what make publish left.",
    }.AcceptExistingOnly();

    private readonly Option<FileInfo> _peer = new Option<FileInfo>("--peer")
    {
        Description = "Another ztunnel, measured in turn with ours; the goals are ratios to it.",
    }.AcceptExistingOnly();

    private readonly Option<bool> _baseline = new("--baseline")
    {
        Description = "Also without any proxy: what the machine can do.",
    };

    private readonly Option<int?> _rounds = new("--rounds")
    {
        Description = "Figures are medians of this many rounds (3).",
    };

    private readonly Option<bool> _quick = new("--quick") { Description = "One short round, 2,000 held connections." };

    private readonly Option<string[]> _only = new("--only")
    {
        Description = $"Of these cases only: {string.Join(',', CaseCatalog.All.Select(known => known.Name))}.",
        AllowMultipleArgumentsPerToken = true,
        CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(','))],
    };

    private readonly Option<bool> _oneNode = new("--one-node") { Description = "Both pods behind one proxy." };

    private readonly Option<DirectoryInfo> _root = new Option<DirectoryInfo>("--root")
    {
        Description = "Run the proxies in this root file system, for its OpenSSL (bench/openssl-root.sh makes one).",
    }.AcceptExistingOnly();

    private readonly Option<DirectoryInfo> _libraries = new Option<DirectoryInfo>("--libraries")
    {
        Description = "Only let the proxies take libssl and libcrypto from this directory (LD_LIBRARY_PATH).",
    }.AcceptExistingOnly();

    private readonly Option<string> _json = new("--json")
    {
        Description = "Write all figures to this file; - is standard output.",
    };

    public LoadOptions()
    {
        _only.Validators.Add(result =>
        {
            foreach (string name in result.Tokens.SelectMany(token => token.Value.Split(',')))
            {
                if (CaseCatalog.All.All(known => known.Name != name))
                {
                    result.AddError($"--only: there is no case {name}");
                }
            }
        });
        _rounds.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && int.TryParse(text, out int rounds) && rounds < 1)
            {
                result.AddError("--rounds: at least 1");
            }
        });
    }

    /// <summary>Only what names the programs.</summary>
    public void AddProgramsTo(Command command)
    {
        command.Add(_ours);
        command.Add(_peer);
    }

    public void AddTo(Command command)
    {
        Option[] all = [_ours, _peer, _baseline, _rounds, _quick, _only, _oneNode, _root, _libraries, _json];
        foreach (Option option in all)
        {
            command.Add(option);
        }
    }

    public LoadRun Read(ParseResult parsed, IReadOnlyList<ILoadCase> cases) =>
        new(Plan(parsed, cases), Programs(parsed)) { JsonTarget = parsed.GetValue(_json) };

    internal LoadPlan Plan(ParseResult parsed, IReadOnlyList<ILoadCase> cases)
    {
        string[] only = parsed.GetValue(_only) ?? [];
        LoadPlan plan = new()
        {
            Cases = only.Length == 0 ? cases : [.. cases.Where(known => only.Contains(known.Name))],
            IsOneNode = parsed.GetValue(_oneNode),
            Root = parsed.GetValue(_root)?.FullName,
            Libraries = parsed.GetValue(_libraries)?.FullName,
        };
        plan = parsed.GetValue(_quick) ? plan.Quick() : plan;
        return plan with { Rounds = parsed.GetValue(_rounds) ?? plan.Rounds };
    }

    public List<ProgramFigures> Programs(ParseResult parsed)
    {
        List<ProgramFigures> programs = [new(Comparison.Ours, parsed.GetValue(_ours)?.FullName ?? ZtunnelBinary.Ours)];
        if (parsed.GetValue(_peer) is { } peer)
        {
            programs.Add(new ProgramFigures(Comparison.Peer, peer.FullName));
        }

        if (parsed.GetValue(_baseline))
        {
            programs.Add(new ProgramFigures("no proxy", path: null));
        }

        return programs;
    }
}
