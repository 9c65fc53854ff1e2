namespace Ztunnel.NodeTests.Dns;

/// <summary>These classes share the meshes.</summary>
[CollectionDefinition(Name)]
public sealed class DnsCollection : ICollectionFixture<DnsMeshes>
{
    public const string Name = "dns";
}
