using System.Globalization;
using Ztunnel.Admin;
using Ztunnel.Certificates;
using Ztunnel.Config;
using Ztunnel.InPod;
using Ztunnel.State;
using Ztunnel.Telemetry;

namespace Ztunnel.Hosting;

/// <summary>What the status page shows of this process.</summary>
internal static class NodeStatus
{
    public static StatusPage PageOf(NodeProxy node, BuildInfo build)
    {
        StatusSources sources = new()
        {
            Build = build,
            Readiness = node.Readiness,
            Workers = node.Workers.Figures,
            Facts = [.. FactsOf(node.Config.Instance)],
            Tables = [.. TablesOf(node)],
        };
        return new StatusPage(sources, node.Time);
    }

    private static IEnumerable<KeyValuePair<string, string>> FactsOf(InstanceOptions instance)
    {
        yield return new("node", instance.LocalNode ?? "any");
        yield return new("cluster", instance.ClusterId);
        yield return new("mode", instance.Mode == ProxyMode.Shared ? "shared" : "dedicated");
        if (instance.Network.Length > 0)
        {
            yield return new("network", instance.Network);
        }
    }

    private static IEnumerable<StatusTable> TablesOf(NodeProxy node)
    {
        if (node.Pods is { } pods)
        {
            yield return new StatusTable(
                "Pods",
                ["pod", "service account", "state", "uid"],
                () => Ordered(pods).Select(PodRow));
            yield return new StatusTable(
                "Connections",
                ["pod", "direction", "from", "asked for", "to", "protocol"],
                () => Ordered(pods).SelectMany(ConnectionRows));
        }

        yield return new StatusTable(
            "Certificates",
            ["identity", "state", "valid until"],
            () => node.Certificates.List().Select(CertificateRow));
        yield return new StatusTable(
            "Workloads of this node",
            ["workload", "addresses", "protocol", "status", "waypoint", "policies", "uid"],
            () => node.Mesh.Current.Workloads.OnThisNode()
                .OrderBy(static workload => workload.Uid, StringComparer.Ordinal)
                .Select(WorkloadRow));
        yield return new StatusTable("Mesh", ["workloads", "services", "policies"], () => [MeshRow(node)]);
    }

    private static string[] PodRow(Pod pod) =>
        [$"{pod.Info.Namespace}/{pod.Info.Name}", pod.Info.ServiceAccount, pod.IsUp ? "Up" : "Pending", pod.Uid];

    private static IEnumerable<Pod> Ordered(PodRegistry pods) =>
        pods.List().OrderBy(static pod => pod.Info.ToString(), StringComparer.Ordinal);

    private static IEnumerable<string[]> ConnectionRows(Pod pod) =>
        (pod.Proxy?.ListConnections() ?? []).Select(connection => (string[])
        [
            $"{pod.Info.Namespace}/{pod.Info.Name}",
            connection.IsInbound ? "in" : "out",
            connection.Source,
            connection.OriginalDestination ?? "",
            connection.ActualDestination,
            connection.Protocol,
        ]);

    private static string[] WorkloadRow(Workload workload) =>
    [
        $"{workload.Namespace}/{workload.Name}",
        string.Join(' ', workload.Addresses),
        workload.Protocol == TunnelProtocol.Hbone ? "HBONE" : "TCP",
        workload.Status.ToString(),
        workload.Waypoint?.Destination ?? "",
        string.Join(' ', workload.AuthorizationPolicies),
        workload.Uid,
    ];

    private static string[] CertificateRow(CertificateStatus status) =>
    [
        status.Identity.ToString(),
        status.State,
        status.Certificate?.NotAfter.UtcDateTime.ToString("u", CultureInfo.InvariantCulture) ?? "",
    ];

    private static string[] MeshRow(NodeProxy node) =>
    [
        Number(node.Mesh.Current.Workloads.Count),
        Number(node.Mesh.Current.Services.Count),
        Number(node.Mesh.Current.Policies.Count),
    ];

    private static string Number(int value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
