using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Policy;

/// <summary>A second caller beside the client, and proxies that say at info what policies decide.</summary>
public sealed class PolicyMesh : MeshFixture
{
    public Pod Other => Mesh.Pod("other");

    protected override TwoNodeMeshOptions Options() => new()
    {
        ExtraPods = [new PodSpec("other")],
        Environment = new Dictionary<string, string?> { ["AUTHZ_POLICY_INFO_LOGGING"] = "true" },
    };
}
