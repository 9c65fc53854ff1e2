namespace Ztunnel.Lab;

/// <summary>What a certificate is to say; the default is a good one.</summary>
public sealed record LeafSpec
{
    /// <summary>URI SANs, in order.</summary>
    public IReadOnlyList<string> Uris { get; init; } = [];

    public IReadOnlyList<string> DnsNames { get; init; } = [];

    public string? IpAddress { get; init; }

    /// <summary>Validity begins this long from now.</summary>
    public TimeSpan StartsIn { get; init; } = TimeSpan.FromMinutes(-2);

    /// <summary>Validity ends this long from now.</summary>
    public TimeSpan EndsIn { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Extended key usages; null leaves the extension out.</summary>
    public IReadOnlyList<string>? Usages { get; init; } = [ServerAuth, ClientAuth];

    public const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuth = "1.3.6.1.5.5.7.3.2";

    public static LeafSpec Of(string spiffeId) => new() { Uris = [spiffeId] };

    /// <summary>From now on; times in certificates are whole seconds, so it starts up to one earlier.</summary>
    public LeafSpec Lasting(TimeSpan lifetime) => this with { StartsIn = TimeSpan.Zero, EndsIn = lifetime };
}
