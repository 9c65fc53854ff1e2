using System.Globalization;
using Ztunnel.Linux;

namespace Ztunnel.Dns.Forwarding;

/// <summary>What resolv.conf(5) says of upstream servers; lines and options it does not know are passed over.</summary>
internal sealed record ResolvConf
{
    /// <summary>As many as the C library asks (MAXNS).</summary>
    private const int MaxServers = 3;

    private const int MaxTimeoutSeconds = 30; // RES_MAXRETRANS
    private const int MaxAttempts = 5; // RES_MAXRETRY
    private const ushort DnsPort = 53;

    public static ResolvConf Empty { get; } = new();

    public IReadOnlyList<InetEndpoint> Servers { get; init; } = [];

    /// <summary>Of dedicated mode, where this file is the workload's own.</summary>
    public IReadOnlyList<string> Search { get; init; } = [];

    /// <summary>How long one round over the servers takes before it begins anew.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Repetitions after the first round.</summary>
    public int Attempts { get; init; } = 2;

    /// <summary>Every query begins with another server.</summary>
    public bool Rotates { get; init; }

    public static ResolvConf Parse(string text)
    {
        ResolvConf conf = Empty;
        foreach (string line in text.Split('\n'))
        {
            string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || words[0][0] is '#' or ';')
            {
                continue;
            }

            conf = words[0] switch
            {
                "nameserver" => conf.WithServer(words[1]),
                "search" => conf with { Search = words[1..] },
                "domain" => conf with { Search = [words[1]] },
                "options" => words[1..].Aggregate(conf, static (before, option) => before.WithOption(option)),
                _ => conf,
            };
        }

        return conf;
    }

    private ResolvConf WithServer(string text) =>
        Servers.Count < MaxServers && TryParseServer(text, out InetEndpoint server)
            ? this with { Servers = [.. Servers, server] }
            : this;

    // An address, or [address]:port as OpenBSD writes a server on another port. One with a scope (fe80::1%eth0) means
    // an interface of the node's, which no pod has.
    private static bool TryParseServer(string text, out InetEndpoint server)
    {
        int end = text.IndexOf("]:", StringComparison.Ordinal);
        bool hasPort = text.StartsWith('[') && end > 0;
        ushort port = DnsPort;
        bool isServer = InetAddress.TryParse(hasPort ? text[1..end] : text, out InetAddress address)
            && (!hasPort || ushort.TryParse(text[(end + 2)..], NumberStyles.None, CultureInfo.InvariantCulture, out port));
        server = new InetEndpoint(address, port);
        return isServer;
    }

    private ResolvConf WithOption(string option) => option.Split(':') switch
    {
        ["timeout", string value] when Number(value, 1, MaxTimeoutSeconds) is { } seconds =>
            this with { Timeout = TimeSpan.FromSeconds(seconds) },
        ["attempts", string value] when Number(value, 0, MaxAttempts) is { } attempts => this with { Attempts = attempts },
        ["rotate"] => this with { Rotates = true },
        _ => this,
    };

    private static int? Number(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? Math.Clamp(number, least, most)
            : null;
}
