namespace Ztunnel.Identity;

/// <summary>
/// What the node agent (or <c>PROXY_WORKLOAD_INFO</c>) says about the pod a proxy serves: enough to find its
/// workload among those of this node, whatever its address.
/// </summary>
internal sealed record WorkloadInfo(string Name, string Namespace, string ServiceAccount)
{
    /// <summary><c>&lt;service account&gt;.&lt;namespace&gt; (&lt;name&gt;)</c>, the form error texts use.</summary>
    public override string ToString() => $"{ServiceAccount}.{Namespace} ({Name})";
}
