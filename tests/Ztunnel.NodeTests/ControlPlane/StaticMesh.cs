using Ztunnel.Lab;

namespace Ztunnel.NodeTests.ControlPlane;

/// <summary>Proxies that know the mesh from a document and no control plane but the CA.</summary>
public sealed class StaticMesh : MeshFixture
{
    protected override TwoNodeMeshOptions Options() => new() { IsStatic = true };
}
