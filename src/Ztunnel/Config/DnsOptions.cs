using Ztunnel.Linux;

namespace Ztunnel.Config;

/// <summary>The DNS proxy in pods.</summary>
internal sealed record DnsOptions
{
    /// <summary><c>ISTIO_META_DNS_CAPTURE</c> (or <c>DNS_CAPTURE</c> of the proxy metadata).</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Listen on localhost of both families; otherwise on <see cref="Address"/>.</summary>
    public bool OnLocalhost { get; init; } = true;

    /// <summary><c>ISTIO_META_DNS_PROXY_ADDR</c>; on localhost only its port counts.</summary>
    public InetEndpoint Address { get; init; } = new(InetAddress.LoopbackV4, 15053);

    /// <summary>Preferred after the client's namespace and canonical services (<c>PREFERED_SERVICE_NAMESPACE</c>).</summary>
    public string? PreferredServiceNamespace { get; init; }

    /// <summary>
    /// Queries of one pod that may wait for upstream at a time (<c>ZTUNNEL_DNS_MAX_QUERIES_PER_POD</c>), each with a
    /// socket of its own; further ones fail at once.
    /// </summary>
    public int MaxQueriesPerPod { get; init; } = 512;

    /// <summary>The same of all pods together (<c>ZTUNNEL_DNS_MAX_QUERIES</c>).</summary>
    public int MaxQueries { get; init; } = 4096;

    /// <summary>
    /// TCP connections one pod may have to its DNS server (<c>ZTUNNEL_DNS_MAX_CONNECTIONS_PER_POD</c>); further ones
    /// are closed.
    /// </summary>
    public int MaxConnectionsPerPod { get; init; } = 128;

    /// <summary>Where the upstream servers stand; another one in tests only.</summary>
    public string ResolverPath { get; init; } = "/etc/resolv.conf";

    public static DnsOptions From(EnvironmentReader env, IReadOnlyDictionary<string, string> metadata)
    {
        bool enabled = !metadata.TryGetValue("DNS_CAPTURE", out string? capture)
            || string.Equals(capture, "true", StringComparison.OrdinalIgnoreCase);
        DnsOptions defaults = new();
        DnsOptions options = defaults with
        {
            Enabled = enabled,
            PreferredServiceNamespace = env.Text("PREFERED_SERVICE_NAMESPACE"),
            MaxQueriesPerPod = QueriesPerPod(env) ?? defaults.MaxQueriesPerPod,
            MaxQueries = env.Positive("ZTUNNEL_DNS_MAX_QUERIES") ?? defaults.MaxQueries,
            MaxConnectionsPerPod = env.Positive("ZTUNNEL_DNS_MAX_CONNECTIONS_PER_POD") ?? defaults.MaxConnectionsPerPod,
        };
        return metadata.TryGetValue("DNS_PROXY_ADDR", out string? address) ? options.At(address) : options;
    }

    private static int? QueriesPerPod(EnvironmentReader env)
    {
        const string name = "ZTUNNEL_DNS_MAX_QUERIES_PER_POD";
        const int most = 32_768; // half of the ids there are, or a free one would be hard to find
        return env.Positive(name) is not { } queries ? null
            : queries <= most ? queries
            : throw ConfigException.BadVariable(name, env.Text(name)!, $"must be at most {most}");
    }

    private DnsOptions At(string text)
    {
        const string localhost = "localhost:";
        bool onLocalhost = text.StartsWith(localhost, StringComparison.Ordinal);
        string asAddress = onLocalhost ? $"127.0.0.1:{text[localhost.Length..]}" : text;
        return InetEndpoint.TryParse(asAddress, out InetEndpoint endpoint)
            ? this with { OnLocalhost = onLocalhost, Address = endpoint }
            : throw ConfigException.Inconsistent(
                $"failed to parse DNS_PROXY_ADDR: {text} (must be localhost:PORT or IP:PORT)");
    }
}
