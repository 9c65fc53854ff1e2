namespace Ztunnel.Config;

/// <summary>Certificates by secret discovery instead of a CA. Our extension; the names of variables are ours too.</summary>
internal sealed record SecretOptions
{
    /// <summary><c>CERT_PROVIDER</c>: <c>ca</c> or <c>sds</c>.</summary>
    public CertificateProvider Provider { get; init; }

    /// <summary>
    /// <c>SDS_UDS_PATH</c>: the unix socket of an SDS server. Null: secrets come over the discovery connection.
    /// </summary>
    public string? SocketPath { get; init; }

    /// <summary>
    /// <c>SDS_CERTIFICATE_NAME</c>: the secret with the certificate, where all certificates are one. Null: each is
    /// asked for by its SPIFFE id; in dedicated mode on a socket, where the server knows one workload, by
    /// <c>default</c>.
    /// </summary>
    public string? CertificateName { get; init; }

    /// <summary><c>SDS_BUNDLE_NAME</c>: the secret with the roots.</summary>
    public string BundleName { get; init; } = "ROOTCA";

    private const string AgentCertificate = "default"; // istio-agent's name for the workload's certificate

    public static SecretOptions From(EnvironmentReader env, ProxyMode mode)
    {
        string? socket = env.NonEmpty("SDS_UDS_PATH");
        return new SecretOptions
        {
            Provider = env.Text("CERT_PROVIDER") switch
            {
                null or "ca" => CertificateProvider.Ca,
                "sds" => CertificateProvider.Sds,
                { } other => throw ConfigException.BadVariable("CERT_PROVIDER", other, "must be ca or sds"),
            },
            SocketPath = socket,
            CertificateName = env.NonEmpty("SDS_CERTIFICATE_NAME")
                ?? (socket is not null && mode == ProxyMode.Dedicated ? AgentCertificate : null),
            BundleName = env.NonEmpty("SDS_BUNDLE_NAME") ?? "ROOTCA",
        };
    }
}
