using Ztunnel.Config;
using Ztunnel.ControlPlane;
using Ztunnel.Protos.Discovery;

namespace Ztunnel.Xds;

/// <summary>Whom to ask for the mesh, as whom, and how much of it.</summary>
internal sealed record XdsClientOptions
{
    /// <summary>
    /// What istiod's first push of a very large mesh may weigh. Above it the stream ends with ResourceExhausted, and
    /// the mesh stays as it was.
    /// </summary>
    public const int MaxMessageSize = 200 * 1024 * 1024;

    public required ControlPlaneEndpoint Endpoint { get; init; }

    public required ControlPlaneHeaders Headers { get; init; }

    public required Node Node { get; init; }

    /// <summary>Workloads and services one by one, when they are first needed (<c>XDS_ON_DEMAND</c>).</summary>
    public bool IsOnDemand { get; init; }

    /// <summary>How long a connection waits for an answer; then it is routed by what is known.</summary>
    public TimeSpan FetchDeadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// After a first response that must say everything: how long its parts, should the server send it in several, may
    /// take. What has not come by then is gone.
    /// </summary>
    public TimeSpan SweepAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <exception cref="ArgumentException">Discovery is off.</exception>
    public static XdsClientOptions From(ProxyConfig config)
    {
        ControlPlaneOptions controlPlane = config.ControlPlane;
        return new XdsClientOptions
        {
            Endpoint = new ControlPlaneEndpoint
            {
                Name = "XDS_ADDRESS",
                Address = controlPlane.XdsAddress ?? throw new ArgumentException("discovery is off", nameof(config)),
                Roots = controlPlane.XdsRoots,
                AlternativeHostname = controlPlane.AltXdsHostname,
                AllowsTls12 = config.Tls.AllowsTls12,
                Mark = config.ControlPlaneMark,
                MaxMessageSize = MaxMessageSize,
            },
            Headers = new ControlPlaneHeaders(
                controlPlane.Token, config.Instance.ClusterId, controlPlane.XdsHeaders),
            Node = XdsNode.Of(config.Instance, config.Metadata),
            IsOnDemand = controlPlane.OnDemand,
        };
    }
}
