using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ztunnel.ControlPlane;

/// <summary>
/// How a control-plane server is checked: one of the given roots, and the name it was called by or the alternative.
/// No client certificate: these calls carry a token.
/// </summary>
internal static class ControlPlaneTls
{
    /// <param name="rootsPem">Null: the operating system's trust store.</param>
    /// <param name="alternativeName">Accepted too when the name of the address does not match.</param>
    /// <exception cref="CryptographicException">The text holds no certificate, or an unreadable one.</exception>
    public static SslClientAuthenticationOptions For(
        string? rootsPem, string? alternativeName, bool allowsTls12) => new()
        {
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            EnabledSslProtocols = allowsTls12 ? SslProtocols.Tls12 | SslProtocols.Tls13 : SslProtocols.Tls13,
            CipherSuitesPolicy = new CipherSuitesPolicy(allowsTls12 ? [.. s_suites13, .. s_suites12] : s_suites13),
            CertificateChainPolicy = rootsPem is null ? null : TrustOnly(rootsPem),
            RemoteCertificateValidationCallback = alternativeName is null
            ? null
            : (_, certificate, _, errors) => errors switch
            {
                SslPolicyErrors.None => true,
                SslPolicyErrors.RemoteCertificateNameMismatch => // nothing but the name: the chain is good
                    certificate is X509Certificate2 presented && presented.MatchesHostname(alternativeName),
                _ => false,
            },
        };

    private static readonly TlsCipherSuite[] s_suites13 =
        [TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_AES_128_GCM_SHA256];

    private static readonly TlsCipherSuite[] s_suites12 =
    [
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    ];

    private static X509ChainPolicy TrustOnly(string rootsPem)
    {
        X509ChainPolicy policy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.ImportFromPem(rootsPem);
        return policy.CustomTrustStore.Count > 0
            ? policy
            : throw new CryptographicException("no root certificate present");
    }
}
