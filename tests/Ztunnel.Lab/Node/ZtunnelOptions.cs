namespace Ztunnel.Lab;

/// <summary>How a proxy process is to be run.</summary>
public sealed record ZtunnelOptions
{
    /// <summary>Path of the program.</summary>
    public required string Binary { get; init; }

    /// <summary>Pods of the ZDS snapshot.</summary>
    public IReadOnlyList<Pod> Pods { get; init; } = [];

    /// <summary>What the control plane serves from the start of this proxy on; null: what it serves already.</summary>
    public MeshConfig? Mesh { get; init; }

    /// <summary>Text of a static mesh document; null: the mesh comes from the control plane.</summary>
    public string? Document { get; init; }

    /// <summary>On top of what every proxy here gets; null takes a variable away.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>A program and arguments in front of the proxy's, such as prlimit.</summary>
    public IReadOnlyList<string> Wrapper { get; init; } = [];

    /// <summary>The agent sends the snapshot by itself.</summary>
    public bool SendsSnapshot { get; init; } = true;

    /// <summary>Directory that is the proxy's root file system, for its libssl; the binary may lie outside.</summary>
    public string? Root { get; init; }

    /// <summary>Text of the proxy's /etc/resolv.conf; null: the machine's.</summary>
    public string? ResolvConf { get; init; }
}
