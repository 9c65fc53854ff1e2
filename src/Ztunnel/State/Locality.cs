namespace Ztunnel.State;

/// <summary>Where a workload runs; an unknown part is the empty text, and two empty parts are equal.</summary>
internal sealed record Locality(string Region, string Zone, string Subzone)
{
    public static Locality None { get; } = new("", "", "");
}
