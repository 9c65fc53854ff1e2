using Ztunnel.Certificates;
using Ztunnel.Config;
using Ztunnel.Linux;
using Ztunnel.Policy;
using Ztunnel.State;
using Ztunnel.Telemetry;
using Ztunnel.Tls;

namespace Ztunnel.Proxy;

/// <summary>What all connections of the process share.</summary>
internal sealed record ProxyServices
{
    public required ProxyConfig Config { get; init; }

    public required IReadOnlyList<Worker> Workers { get; init; }

    public required MeshState Mesh { get; init; }

    public required ICertificateSource Certificates { get; init; }

    /// <summary>Whose certificates are taken back.</summary>
    public required Revocations Revocations { get; init; }

    public required PolicyEngine Policy { get; init; }

    public required ZtunnelMetrics Metrics { get; init; }

    public required AccessLog Access { get; init; }

    public required LogFactory Log { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Listeners are opened on it: it visits pods' namespaces so that no worker has to wait there.</summary>
    public required NamespaceThread Namespaces { get; init; }

    /// <summary>Null while the DNS proxy is off: names are refused.</summary>
    public INameResolver? Names { get; init; }
}
