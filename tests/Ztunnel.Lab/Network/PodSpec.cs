namespace Ztunnel.Lab;

/// <summary>What a pod is to be.</summary>
/// <param name="IsCaptured">Its traffic is redirected to the proxy, as the CNI agent of a mesh does.</param>
public sealed record PodSpec(string Name, string Node = "node1", bool IsCaptured = true)
{
    public string Namespace { get; init; } = "default";

    public string Account { get; init; } = Name;

    /// <summary>Its DNS is redirected too: where the proxy has its DNS server on.</summary>
    public bool CapturesDns { get; init; }
}
