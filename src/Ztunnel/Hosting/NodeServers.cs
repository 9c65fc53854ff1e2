using Ztunnel.Admin;
using Ztunnel.Config;
using Ztunnel.Linux;
using Ztunnel.Telemetry;

namespace Ztunnel.Hosting;

/// <summary>Admin, stats and readiness of this process, where the settings say.</summary>
internal static class NodeServers
{
    private const string LoopbackV6Switch = "/proc/sys/net/ipv6/conf/lo/disable_ipv6";

    /// <param name="quit">What <c>/quitquitquit</c> does.</param>
    public static AdminServers Of(NodeProxy node, BuildInfo build, Action quit)
    {
        ListenOptions listen = node.Config.Listen;
        AdminOptions options = new()
        {
            Admin = Localhost(listen.AdminPort, listen.IPv6 && HasLoopbackV6()),
            Stats = [new InetEndpoint(listen.Wildcard, listen.StatsPort)],
            Readiness = [new InetEndpoint(listen.Wildcard, listen.ReadinessPort)],
        };
        return new AdminServers(
            options,
            new AdminSite(NodeDump.Of(node, build), node.Log, NodeStatus.PageOf(node, build), quit),
            new StatsSite(node.Metrics.Set),
            new ReadinessSite(node.Readiness),
            node.Log);
    }

    private static InetEndpoint[] Localhost(ushort port, bool v6) => v6
        ? [new InetEndpoint(InetAddress.LoopbackV4, port), new InetEndpoint(InetAddress.LoopbackV6, port)]
        : [new InetEndpoint(InetAddress.LoopbackV4, port)];

    // Unreadable where IPv6 is not built in, too.
    private static bool HasLoopbackV6() =>
        File.Exists(LoopbackV6Switch) && !File.ReadAllText(LoopbackV6Switch).StartsWith('1');
}
