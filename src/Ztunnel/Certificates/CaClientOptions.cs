using Ztunnel.Config;
using Ztunnel.ControlPlane;

namespace Ztunnel.Certificates;

/// <summary>How Istio's CA is called.</summary>
internal sealed record CaClientOptions
{
    /// <summary>Scheme and authority (<c>CA_ADDRESS</c>); plain http is refused, by the first request.</summary>
    public required Uri Address { get; init; }

    public required RootCertificates Roots { get; init; }

    /// <summary>Accepted beside the address's host (<c>ALT_CA_HOSTNAME</c>).</summary>
    public string? AlternativeHostname { get; init; }

    /// <summary>Null: calls carry neither token nor cluster.</summary>
    public AuthToken? Token { get; init; }

    public string ClusterId { get; init; } = "Kubernetes";

    /// <summary><c>CA_HEADER_*</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Asked for (<c>SECRET_TTL</c>); the CA may give less.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Shared mode: the token is the node's, the certificate a pod's.</summary>
    public bool Impersonates { get; init; } = true;

    public bool AllowsTls12 { get; init; }

    /// <inheritdoc cref="ControlPlaneEndpoint.Mark"/>
    public uint? Mark { get; init; }

    /// <summary>
    /// For the whole call, connecting included: a waiting connection must learn that there is no certificate.
    /// </summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    public static CaClientOptions From(
        ControlPlaneOptions controlPlane, InstanceOptions instance, TlsOptions tls) => new()
        {
            Address = controlPlane.CaAddress
            ?? throw new ArgumentException("there is no CA to call", nameof(controlPlane)),
            Roots = controlPlane.CaRoots,
            AlternativeHostname = controlPlane.AltCaHostname,
            Token = controlPlane.Token,
            ClusterId = instance.ClusterId,
            Headers = controlPlane.CaHeaders,
            Lifetime = controlPlane.SecretTtl,
            Impersonates = instance.Mode == ProxyMode.Shared,
            AllowsTls12 = tls.AllowsTls12,
        };

    public ControlPlaneEndpoint ToEndpoint() => new()
    {
        Name = "CA_ADDRESS",
        Address = Address,
        Roots = Roots,
        AlternativeHostname = AlternativeHostname,
        AllowsTls12 = AllowsTls12,
        ConnectTimeout = ConnectTimeout,
        Mark = Mark,
    };
}
