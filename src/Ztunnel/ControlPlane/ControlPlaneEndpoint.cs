using Ztunnel.Config;

namespace Ztunnel.ControlPlane;

/// <summary>One server of the control plane, and how it is called.</summary>
internal sealed record ControlPlaneEndpoint
{
    /// <summary>As messages call it: the variable of its address, <c>XDS_ADDRESS</c> or <c>CA_ADDRESS</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Scheme and authority; plain http is refused, by the first call.</summary>
    public required Uri Address { get; init; }

    public required RootCertificates Roots { get; init; }

    /// <summary>Accepted beside the address's host.</summary>
    public string? AlternativeHostname { get; init; }

    public bool AllowsTls12 { get; init; }

    /// <summary>Until TLS is up.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>SO_MARK of its connections; null: none.</summary>
    public uint? Mark { get; init; }

    /// <summary>Bytes of one received message: a limit on what the server can make us hold.</summary>
    public int MaxMessageSize { get; init; } = 4 * 1024 * 1024;
}
