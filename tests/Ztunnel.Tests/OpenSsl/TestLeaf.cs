namespace Ztunnel.Tests.OpenSsl;

/// <summary>What a leaf says, true or not.</summary>
internal sealed record TestLeaf(params IReadOnlyList<string> Uris)
{
    public string? DnsName { get; init; }

    /// <summary>Null: no extended key usage at all.</summary>
    public IReadOnlyList<string>? Usages { get; init; } = [TestRoot.ServerAuth, TestRoot.ClientAuth];

    public TimeSpan StartsIn { get; init; } = TimeSpan.FromMinutes(-5);

    public TimeSpan EndsIn { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Bytes of an extension nobody knows.</summary>
    public int Padding { get; init; }
}
