using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Mixed;

/// <summary>
/// Two meshes: the other implementation on the client's node and ours on the server's, and the reverse.
/// </summary>
public sealed class MixedMeshes : IAsyncLifetime
{
    public const string PeerCalls = "peer calls us";
    public const string WeCall = "we call the peer";

    private readonly Dictionary<string, TwoNodeMesh> _meshes = [];

    public TwoNodeMesh this[string direction] => _meshes[direction];

    public async Task InitializeAsync()
    {
        if (ZtunnelBinary.Peer is not { } peer)
        {
            return; // every test is skipped
        }

        _meshes[PeerCalls] = await TwoNodeMesh.StartAsync(Options() with { ClientBinary = peer });
        _meshes[WeCall] = await TwoNodeMesh.StartAsync(Options() with { ServerBinary = peer });
    }

    public async Task DisposeAsync()
    {
        foreach (TwoNodeMesh mesh in _meshes.Values)
        {
            await mesh.DisposeAsync();
        }
    }

    private static TwoNodeMeshOptions Options() => new()
    {
        ExtraPods = [new PodSpec("denied")],
        Config = mesh => mesh.Config().Deny(mesh.Pod("denied")),
    };
}
