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

    public static DnsOptions From(EnvironmentReader env, IReadOnlyDictionary<string, string> metadata)
    {
        bool enabled = !metadata.TryGetValue("DNS_CAPTURE", out string? capture)
            || string.Equals(capture, "true", StringComparison.OrdinalIgnoreCase);
        DnsOptions options = new() { Enabled = enabled, PreferredServiceNamespace = env.Text("PREFERED_SERVICE_NAMESPACE") };
        return metadata.TryGetValue("DNS_PROXY_ADDR", out string? address) ? options.At(address) : options;
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
