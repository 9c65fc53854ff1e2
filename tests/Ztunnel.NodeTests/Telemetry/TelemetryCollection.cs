namespace Ztunnel.NodeTests.Telemetry;

/// <summary>These classes share one mesh.</summary>
[CollectionDefinition(Name)]
public sealed class TelemetryCollection : ICollectionFixture<TelemetryMesh>
{
    public const string Name = "telemetry";
}
