using System.Globalization;
using System.Text.RegularExpressions;

namespace Ztunnel.Lab;

/// <summary>dig(1) in a pod: one query to an address, and what it says of the answer.</summary>
public sealed partial record Dig(string Text)
{
    /// <summary><c>NOERROR</c> and so on; empty without an answer.</summary>
    public string Status => Header().Groups["status"].Value;

    /// <summary>As dig writes them: <c>qr aa rd ra</c>.</summary>
    public string Flags => Counts().Groups["flags"].Value;

    public int Answers => Number(Counts().Groups["answers"].Value);

    public int Authorities => Number(Counts().Groups["authorities"].Value);

    /// <summary>Bytes.</summary>
    public int Size => Number(SizeLine().Match(Text).Groups["size"].Value);

    /// <summary>Records of the answer section, <c>owner ttl type data</c>, sorted.</summary>
    public IReadOnlyList<string> Records => [.. Section("ANSWER").Order(StringComparer.Ordinal)];

    /// <summary>Of the authority section.</summary>
    public IReadOnlyList<string> Authority => Section("AUTHORITY");

    /// <summary>What is said about EDNS: <c>version: 0, flags: do; udp: 1400</c>; null: no OPT.</summary>
    public string? Edns => EdnsLine().Match(Text) is { Success: true } line ? line.Groups["edns"].Value : null;

    /// <param name="arguments">Without the server; <c>+noedns +nocookie +tries=1 +time=9</c> go before them.</param>
    public static async Task<Dig> AskAsync(LabHost from, string server, params string[] arguments)
    {
        ShellResult result = await from.RunAsync(
            "dig", ["+nocookie", "+noedns", "+tries=1", "+time=9", $"@{server}", .. arguments]);
        return new Dig(result.Output);
    }

    private IReadOnlyList<string> Section(string name)
    {
        string[] lines = Text.Split('\n');
        int start = Array.FindIndex(lines, line => line.StartsWith($";; {name} SECTION", StringComparison.Ordinal));
        return start < 0
            ? []
            : [.. lines.Skip(start + 1).TakeWhile(line => line.Length > 0).Select(Normal)];
    }

    private static string Normal(string record) => string.Join(
        ' ', record.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where((_, at) => at != 2));

    private Match Header() => HeaderLine().Match(Text);

    private Match Counts() => CountsLine().Match(Text);

    private static int Number(string text) => text.Length == 0 ? 0 : int.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"status: (?<status>\w+)")]
    private static partial Regex HeaderLine();

    [GeneratedRegex(@"flags: (?<flags>[a-z ]*); QUERY: \d+, ANSWER: (?<answers>\d+), AUTHORITY: (?<authorities>\d+)")]
    private static partial Regex CountsLine();

    [GeneratedRegex(@"MSG SIZE  rcvd: (?<size>\d+)")]
    private static partial Regex SizeLine();

    [GeneratedRegex(@"; EDNS: (?<edns>.*)")]
    private static partial Regex EdnsLine();
}
