using System.CommandLine;
using Ztunnel.Load.Cases;
using Ztunnel.Load.Cli;

namespace Ztunnel.Load.Tests.Cli;

public class LoadOptionsTests
{
    [Theory]
    [InlineData("", 3, 8, 10_000, "tput1 tput1r tput8 rr1 rr64 crr dns hold")]
    [InlineData("--quick", 1, 3, 2_000, "tput1 tput1r tput8 rr1 rr64 crr dns hold")]
    [InlineData("--quick --rounds 5 --only crr,rr1", 5, 3, 2_000, "rr1 crr")]
    [InlineData("--only rr1 --only hold", 3, 8, 10_000, "rr1 hold")]
    public void Plan_OfTheseArguments_IsThis(string arguments, int rounds, double seconds, int held, string cases)
    {
        (LoadOptions options, ParseResult parsed) = Parse(arguments);

        LoadPlan plan = options.Plan(parsed, CaseCatalog.All);

        Assert.Empty(parsed.Errors);
        Assert.Equal((rounds, seconds, held), (plan.Rounds, plan.Seconds, plan.HeldConnections));
        Assert.Equal(cases, string.Join(' ', plan.Cases.Select(known => known.Name)));
    }

    [Theory]
    [InlineData("--only rr1,rr2", "--only: there is no case rr2")]
    [InlineData("--rounds many", "many")]
    [InlineData("--rounds 0", "--rounds: at least 1")]
    [InlineData("--ours /does/not/exist", "/does/not/exist")]
    [InlineData("--peers x", "--peers")]
    public void Parse_BadArguments_NamesThem(string arguments, string named)
    {
        (_, ParseResult parsed) = Parse(arguments);

        Assert.Contains(parsed.Errors, error => error.Message.Contains(named, StringComparison.Ordinal));
    }

    private static (LoadOptions Options, ParseResult Parsed) Parse(string arguments)
    {
        LoadOptions options = new();
        Command command = new("all");
        options.AddTo(command);
        return (options, command.Parse(arguments));
    }
}
