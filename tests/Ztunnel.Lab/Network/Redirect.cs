using System.Text;

namespace Ztunnel.Lab;

/// <summary>
/// What a CNI agent programs into a captured pod's namespace: rows of the mangle and nat tables, and the policy
/// route that brings replies to spoofed sources back to the proxy.
/// </summary>
internal static class Redirect
{
    private const string ProxyMark = "0x539/0xfff";
    private const string ConnectionMark = "0x111/0xfff";

    /// <param name="dns">DNS is captured too.</param>
    public static void Apply(string netns, bool dns)
    {
        Shell.Run(
            "ip", ["netns", "exec", netns, "iptables-restore", "--noflush"], Rules("127.0.0.1/32", "169.254.7.127", dns));
        Shell.Run(
            "ip",
            ["netns", "exec", netns, "ip6tables-restore", "--noflush"],
            Rules("::1/128", "fd16:9254:7127:1337:ffff:ffff:ffff:ffff", dns));
        RouteReplies(netns, "-4", "0.0.0.0/0");
        RouteReplies(netns, "-6", "::/0");
    }

    private static void RouteReplies(string netns, string family, string everywhere) =>
        Shell.Run("ip", ["-n", netns, family, "-batch", "-"], $"""
            route add local {everywhere} dev lo table 100
            rule add fwmark {ConnectionMark} pref 32764 lookup 100

            """);

    private static string Rules(string loopback, string probe, bool dns) => new StringBuilder()
        .AppendLine("* mangle").AppendLine("-N ISTIO_PRERT").AppendLine("-N ISTIO_OUTPUT")
        .AppendLine("-A PREROUTING -j ISTIO_PRERT").AppendLine("-A OUTPUT -j ISTIO_OUTPUT")
        .AppendLine($"-A ISTIO_PRERT -m mark --mark {ProxyMark} -j CONNMARK --set-xmark {ConnectionMark}")
        .Append($"-A ISTIO_OUTPUT -m connmark --mark {ConnectionMark} -j CONNMARK --restore-mark")
        .AppendLine(" --nfmask 0xffffffff --ctmask 0xffffffff").AppendLine("COMMIT")
        .AppendLine("* nat").AppendLine("-N ISTIO_PRERT").AppendLine("-N ISTIO_OUTPUT")
        .AppendLine("-A OUTPUT -j ISTIO_OUTPUT").AppendLine("-A PREROUTING -j ISTIO_PRERT")
        .AppendLine($"-A ISTIO_PRERT -s {probe} -p tcp -m tcp -j ACCEPT")
        .Append($"-A ISTIO_PRERT ! -d {loopback} -p tcp ! --dport 15008 -m mark ! --mark {ProxyMark}")
        .AppendLine(" -j REDIRECT --to-ports 15006")
        .AppendLine($"-A ISTIO_OUTPUT -d {probe} -p tcp -m tcp -j ACCEPT")
        .Append(dns ? DnsRedirect(loopback) : "")
        .AppendLine($"-A ISTIO_OUTPUT -p tcp -m mark --mark {ConnectionMark} -j ACCEPT")
        .AppendLine($"-A ISTIO_OUTPUT ! -d {loopback} -o lo -j ACCEPT")
        .AppendLine($"-A ISTIO_OUTPUT ! -d {loopback} -p tcp -m mark ! --mark {ProxyMark} -j REDIRECT --to-ports 15001")
        .AppendLine("COMMIT").Append(dns ? DnsZones() : "").ToString();

    private static string DnsRedirect(string loopback) => new StringBuilder()
        .Append($"-A ISTIO_OUTPUT ! -o lo -p udp -m mark ! --mark {ProxyMark} -m udp --dport 53")
        .AppendLine(" -j REDIRECT --to-port 15053")
        .Append($"-A ISTIO_OUTPUT ! -d {loopback} -p tcp --dport 53 -m mark ! --mark {ProxyMark}")
        .AppendLine(" -j REDIRECT --to-ports 15053").ToString();

    // The proxy's own queries in a zone of conntrack apart from the redirected ones, with which they share a tuple.
    private static string DnsZones() => new StringBuilder()
        .AppendLine("* raw").AppendLine("-N ISTIO_PRERT").AppendLine("-N ISTIO_OUTPUT")
        .AppendLine("-A PREROUTING -j ISTIO_PRERT").AppendLine("-A OUTPUT -j ISTIO_OUTPUT")
        .AppendLine($"-A ISTIO_OUTPUT -p udp -m mark --mark {ProxyMark} -m udp --dport 53 -j CT --zone 1")
        .AppendLine($"-A ISTIO_PRERT -p udp -m mark ! --mark {ProxyMark} -m udp --sport 53 -j CT --zone 1")
        .AppendLine("COMMIT").ToString();
}
