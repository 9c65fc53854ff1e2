namespace Ztunnel.NodeTests.Traffic;

/// <summary>These classes share one mesh.</summary>
[CollectionDefinition(Name)]
public sealed class TrafficCollection : ICollectionFixture<TrafficMesh>
{
    public const string Name = "traffic";
}
