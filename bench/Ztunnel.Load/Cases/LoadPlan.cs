namespace Ztunnel.Load.Cases;

/// <summary>What is measured and how long.</summary>
internal sealed record LoadPlan
{
    public required IReadOnlyList<ILoadCase> Cases { get; init; }

    public int Rounds { get; init; } = 3;

    /// <summary>The proxies' DNS servers are on, and the pods' DNS is redirected.</summary>
    public bool UsesDns => Cases.Any(static @case => @case is DnsCase);

    /// <summary>Of every case that runs for a time.</summary>
    public double Seconds { get; init; } = 8;

    public int HeldConnections { get; init; } = 10_000;

    /// <summary>Both pods behind one proxy.</summary>
    public bool IsOneNode { get; init; }

    /// <summary>Root file system of the proxies, with an OpenSSL of its own.</summary>
    public string? Root { get; init; }

    /// <summary>Where the proxies look for libssl and libcrypto first.</summary>
    public string? Libraries { get; init; }

    public LoadPlan Quick() => this with { Rounds = 1, Seconds = 3, HeldConnections = 2_000 };
}
