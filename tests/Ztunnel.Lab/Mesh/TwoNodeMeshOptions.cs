namespace Ztunnel.Lab;

/// <summary>What differs from the usual two nodes.</summary>
public sealed record TwoNodeMeshOptions
{
    /// <summary>The program on the client's node; null is ours.</summary>
    public string? ClientBinary { get; init; }

    /// <summary>The program on the server's node; null is ours.</summary>
    public string? ServerBinary { get; init; }

    /// <summary>Pods beside the usual three; see <see cref="TwoNodeMesh.Pod"/>.</summary>
    public IReadOnlyList<PodSpec> ExtraPods { get; init; } = [];

    /// <summary>Makes the mesh out of the pods.</summary>
    public Func<TwoNodeMesh, MeshConfig>? Config { get; init; }

    /// <summary>The proxies read the mesh from a document each, not from the control plane.</summary>
    public bool IsStatic { get; init; }

    /// <summary>See <see cref="ZtunnelOptions.Wrapper"/>.</summary>
    public IReadOnlyList<string> Wrapper { get; init; } = [];

    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Of the server's node only, on top.</summary>
    public IReadOnlyDictionary<string, string?> ServerEnvironment { get; init; } = new Dictionary<string, string?>();

    /// <summary>See <see cref="ZtunnelOptions.Root"/>.</summary>
    public string? Root { get; init; }

    /// <summary>Client and server have their DNS redirected, and both proxies their DNS server on.</summary>
    public bool CapturesDns { get; init; }

    /// <summary>See <see cref="ZtunnelOptions.ResolvConf"/>.</summary>
    public string? ResolvConf { get; init; }
}
