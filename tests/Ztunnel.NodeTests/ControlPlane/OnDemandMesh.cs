using Ztunnel.Lab;

namespace Ztunnel.NodeTests.ControlPlane;

/// <summary>The same mesh, but nodes know of it only what they asked for.</summary>
public sealed class OnDemandMesh : DiscoveryMesh
{
    protected override TwoNodeMeshOptions Options() => base.Options() with
    {
        Environment = new Dictionary<string, string?> { ["XDS_ON_DEMAND"] = "true" },
    };
}
