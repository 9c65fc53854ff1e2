using Ztunnel.Lab;

namespace Ztunnel.NodeTests;

/// <summary>One running mesh for all tests of a class or collection.</summary>
public abstract class MeshFixture : IAsyncLifetime
{
    private TwoNodeMesh? _mesh;

    public TwoNodeMesh Mesh => _mesh ?? throw new LabException("the mesh is not started");

    public Pod Client => Mesh.Client;

    public Pod Server => Mesh.Server;

    public Pod Outside => Mesh.Outside;

    public virtual async Task InitializeAsync() => _mesh = await TwoNodeMesh.StartAsync(Options());

    public virtual async Task DisposeAsync()
    {
        if (_mesh is not null)
        {
            await _mesh.DisposeAsync();
        }
    }

    protected virtual TwoNodeMeshOptions Options() => new();
}
