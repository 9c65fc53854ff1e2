namespace Ztunnel.Config;

/// <summary>Which node, cluster and pod this process belongs to.</summary>
internal sealed record InstanceOptions
{
    /// <summary><c>PROXY_MODE</c>: <c>shared</c> or <c>dedicated</c>.</summary>
    public ProxyMode Mode { get; init; } = ProxyMode.Shared;

    /// <summary>The one workload of dedicated mode (<c>PROXY_WORKLOAD_INFO</c>); null in shared mode.</summary>
    public PodIdentity? Workload { get; init; }

    /// <summary>This node (<c>NODE_NAME</c>). Null: every workload counts as local.</summary>
    public string? LocalNode { get; init; }

    /// <summary>This node's network (<c>NETWORK</c>); empty is the default network.</summary>
    public string Network { get; init; } = "";

    /// <summary><c>ISTIO_META_CLUSTER_ID</c>, then <c>CLUSTER_ID</c>.</summary>
    public string ClusterId { get; init; } = "Kubernetes";

    /// <summary>DNS domain of the cluster (<c>CLUSTER_DOMAIN</c>).</summary>
    public string ClusterDomain { get; init; } = "cluster.local";

    /// <summary>
    /// This process's own pod (<c>POD_NAME</c>, <c>POD_NAMESPACE</c>, <c>SERVICE_ACCOUNT</c>): with all three set its
    /// own ports are reachable over mTLS too. Null: off.
    /// </summary>
    public PodIdentity? Self { get; init; }

    /// <summary><c>POD_NAME</c>, as the control plane is told.</summary>
    public string PodName { get; init; } = "";

    /// <summary><c>POD_NAMESPACE</c>, as the control plane is told.</summary>
    public string PodNamespace { get; init; } = "";

    /// <summary>Trust domain of <see cref="Self"/> only (<c>TRUST_DOMAIN</c>).</summary>
    public string TrustDomain { get; init; } = "cluster.local";

    /// <summary>This pod's address as the control plane is told (<c>INSTANCE_IP</c>); not validated.</summary>
    public string InstanceIp { get; init; } = "1.1.1.1";

    public static InstanceOptions From(EnvironmentReader env)
    {
        InstanceOptions defaults = new();
        ProxyMode mode = ReadMode(env);
        return new InstanceOptions
        {
            Mode = mode,
            Workload = mode == ProxyMode.Dedicated ? ReadWorkload(env) : null,
            LocalNode = env.Text("NODE_NAME"),
            Network = env.Text("NETWORK") ?? defaults.Network,
            ClusterId = env.Text("ISTIO_META_CLUSTER_ID") ?? env.Text("CLUSTER_ID") ?? defaults.ClusterId,
            ClusterDomain = env.Text("CLUSTER_DOMAIN") ?? defaults.ClusterDomain,
            Self = env.Text("POD_NAME") is { } name
                && env.Text("POD_NAMESPACE") is { } @namespace
                && env.Text("SERVICE_ACCOUNT") is { } serviceAccount
                    ? new PodIdentity(name, @namespace, serviceAccount)
                    : null,
            PodName = env.Text("POD_NAME") ?? defaults.PodName,
            PodNamespace = env.Text("POD_NAMESPACE") ?? defaults.PodNamespace,
            TrustDomain = env.Text("TRUST_DOMAIN") ?? defaults.TrustDomain,
            InstanceIp = env.Text("INSTANCE_IP") ?? defaults.InstanceIp,
        };
    }

    private static ProxyMode ReadMode(EnvironmentReader env) => env.Text("PROXY_MODE") switch
    {
        null or "shared" => ProxyMode.Shared,
        "dedicated" => ProxyMode.Dedicated,
        { } other => throw ConfigException.BadVariable("PROXY_MODE", other, "PROXY_MODE must be one of dedicated, shared"),
    };

    private static PodIdentity ReadWorkload(EnvironmentReader env)
    {
        string info = env.Text("PROXY_WORKLOAD_INFO")
            ?? throw ConfigException.Inconsistent("PROXY_MODE=dedicated requires PROXY_WORKLOAD_INFO to be set");
        return info.Split('/', 3) is [string @namespace, string name, string serviceAccount]
            ? new PodIdentity(name, @namespace, serviceAccount)
            : throw ConfigException.BadVariable(
                "PROXY_WORKLOAD_INFO",
                info,
                $"PROXY_WORKLOAD_INFO must match the format 'namespace/name/service-account' (got [{info}])");
    }
}
