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

    public static void Apply(string netns)
    {
        Shell.Run(
            "ip", ["netns", "exec", netns, "iptables-restore", "--noflush"], Rules("127.0.0.1/32", "169.254.7.127"));
        Shell.Run(
            "ip",
            ["netns", "exec", netns, "ip6tables-restore", "--noflush"],
            Rules("::1/128", "fd16:9254:7127:1337:ffff:ffff:ffff:ffff"));
        RouteReplies(netns, "-4", "0.0.0.0/0");
        RouteReplies(netns, "-6", "::/0");
    }

    private static void RouteReplies(string netns, string family, string everywhere) =>
        Shell.Run("ip", ["-n", netns, family, "-batch", "-"], $"""
            route add local {everywhere} dev lo table 100
            rule add fwmark {ConnectionMark} pref 32764 lookup 100

            """);

    // DNS is not captured: these proxies run without their DNS server.
    private static string Rules(string loopback, string probe) => new StringBuilder()
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
        .AppendLine($"-A ISTIO_OUTPUT -p tcp -m mark --mark {ConnectionMark} -j ACCEPT")
        .AppendLine($"-A ISTIO_OUTPUT ! -d {loopback} -o lo -j ACCEPT")
        .AppendLine($"-A ISTIO_OUTPUT ! -d {loopback} -p tcp -m mark ! --mark {ProxyMark} -j REDIRECT --to-ports 15001")
        .AppendLine("COMMIT").ToString();
}
