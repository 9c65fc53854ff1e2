namespace Ztunnel.Xds;

/// <summary>Type URLs of the mesh's own resources.</summary>
internal static class XdsTypes
{
    /// <summary>Workloads and services.</summary>
    public const string Address = "type.googleapis.com/istio.workload.Address";

    public const string Authorization = "type.googleapis.com/istio.security.Authorization";
}
