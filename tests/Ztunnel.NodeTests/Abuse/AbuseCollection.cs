namespace Ztunnel.NodeTests.Abuse;

/// <summary>One attack at a time, and nothing else beside it: rates and times are compared here.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class AbuseCollection
{
    public const string Name = "abuse";
}
