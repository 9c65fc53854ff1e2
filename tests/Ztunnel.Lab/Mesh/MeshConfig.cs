namespace Ztunnel.Lab;

/// <summary>
/// A mesh: workloads, services, policies. As a static document, or as the resources a control plane sends.
/// </summary>
public sealed class MeshConfig
{
    private readonly List<Dictionary<string, object?>> _workloads = [];
    private readonly List<Dictionary<string, object?>> _services = [];
    private readonly List<Dictionary<string, object?>> _policies = [];

    /// <param name="pod">In the mesh if it is captured.</param>
    /// <param name="services"><c>namespace/hostname</c> with service port to target port.</param>
    /// <param name="change">Last word on the workload's fields.</param>
    public MeshConfig Add(
        Pod pod,
        IReadOnlyDictionary<string, Dictionary<int, int>>? services = null,
        Action<Dictionary<string, object?>>? change = null)
    {
        Dictionary<string, object?> workload = new()
        {
            ["uid"] = pod.WorkloadUid,
            ["name"] = pod.Name,
            ["namespace"] = pod.Spec.Namespace,
            ["serviceAccount"] = pod.Spec.Account,
            ["workloadIps"] = new[] { pod.V4.ToString(), pod.V6.ToString() },
            ["protocol"] = pod.Spec.IsCaptured ? "HBONE" : "TCP",
            ["node"] = pod.Spec.Node,
            ["network"] = "",
            ["trustDomain"] = "cluster.local",
            ["clusterId"] = "Kubernetes",
            ["canonicalName"] = pod.Name,
            ["canonicalRevision"] = "v1",
            ["workloadName"] = pod.Name,
            ["workloadType"] = "deployment",
            ["services"] = (services ?? new Dictionary<string, Dictionary<int, int>>())
                .ToDictionary(service => service.Key, service => (object?)service.Value),
        };
        change?.Invoke(workload);
        _workloads.Add(workload);
        return this;
    }

    /// <summary>
    /// The proxy of a node as a workload of its own, with whatever identity its environment gives it.
    /// </summary>
    public MeshConfig AddProxy(LabHost node)
    {
        _workloads.Add(new Dictionary<string, object?>
        {
            ["uid"] = $"Kubernetes//Pod/{ZtunnelIdentity.Namespace}/{node.Name}",
            ["name"] = ZtunnelIdentity.Name,
            ["namespace"] = ZtunnelIdentity.Namespace,
            ["serviceAccount"] = ZtunnelIdentity.Account,
            ["workloadIps"] = new[] { node.V4.ToString(), node.V6.ToString() },
            ["protocol"] = "HBONE",
            ["node"] = node.Name,
            ["trustDomain"] = "cluster.local",
            ["clusterId"] = "Kubernetes",
            ["services"] = new Dictionary<string, object?>(),
        });
        return this;
    }

    /// <param name="change">Last word on the service's fields.</param>
    public MeshConfig AddService(
        string name,
        IEnumerable<string> vips,
        Dictionary<int, int> ports,
        Action<Dictionary<string, object?>>? change = null)
    {
        Dictionary<string, object?> service = new()
        {
            ["name"] = name,
            ["namespace"] = "default",
            ["hostname"] = $"{name}.default.svc.cluster.local",
            ["vips"] = vips.Select(vip => $"/{vip}").ToArray(),
            ["ports"] = ports,
        };
        change?.Invoke(service);
        _services.Add(service);
        return this;
    }

    /// <summary>A policy of one rule with one match for a whole namespace.</summary>
    /// <param name="action"><c>Allow</c> or <c>Deny</c>.</param>
    /// <param name="change">Last word on the policy's fields.</param>
    public MeshConfig AddPolicy(
        string name, string action, Dictionary<string, object?> match, Action<Dictionary<string, object?>>? change = null)
    {
        Dictionary<string, object?> policy = new()
        {
            ["name"] = name,
            ["namespace"] = "default",
            ["scope"] = "Namespace",
            ["action"] = action,
            ["rules"] = new[] { new[] { new[] { match } } },
        };
        change?.Invoke(policy);
        _policies.Add(policy);
        return this;
    }

    public MeshConfig Deny(Pod caller, Action<Dictionary<string, object?>>? change = null) =>
        AddPolicy($"deny-{caller.Name}", "Deny", new() { ["principals"] = new[] { Exactly(caller) } }, change);

    public MeshConfig AllowOnly(Pod caller) =>
        AddPolicy($"allow-{caller.Name}", "Allow", new() { ["principals"] = new[] { Exactly(caller) } });

    /// <summary>STRICT mutual TLS, as the control plane converts it: whoever has no identity is denied.</summary>
    public MeshConfig RequireMutualTls() => AddPolicy(
        "istio_converted_static_strict", "Deny", new() { ["notPrincipals"] = new[] { new YamlTag("Presence") } });

    public string ToYaml() => FlowYaml.Write(new Dictionary<string, object?>
    {
        ["workloads"] = _workloads,
        ["services"] = _services,
        ["policies"] = _policies,
    });

    /// <summary>The same over discovery.</summary>
    public IReadOnlyCollection<MeshResource> ToResources() =>
    [
        .. _workloads.Select(workload => MeshResource.Of(MeshMessages.Workload(new Fields(workload)))),
        .. _services.Select(service => MeshResource.Of(MeshMessages.Service(new Fields(service)))),
        .. _policies.Select(policy => MeshResource.Of(PolicyMessages.Policy(new Fields(policy)))),
    ];

    private static YamlTag Exactly(Pod caller) => new("Exact", caller.Principal);
}
