using System.Net.Security;
using System.Security.Authentication;

namespace Ztunnel.Lab;

/// <summary>TLS as the mesh speaks it, from the side of those who do not care whom they talk to.</summary>
internal static class HostileTls
{
    public static SslClientAuthenticationOptions Client(SslStreamCertificateContext? certificate) => new()
    {
        TargetHost = "",
        ClientCertificateContext = certificate,
        ApplicationProtocols = [SslApplicationProtocol.Http2],
        EnabledSslProtocols = SslProtocols.Tls13,
        AllowTlsResume = false,
        RemoteCertificateValidationCallback = Anybody,
    };

    public static SslServerAuthenticationOptions Server(SslStreamCertificateContext certificate) => new()
    {
        ServerCertificateContext = certificate,
        ClientCertificateRequired = true,
        ApplicationProtocols = [SslApplicationProtocol.Http2],
        EnabledSslProtocols = SslProtocols.Tls13,
        AllowTlsResume = false,
        RemoteCertificateValidationCallback = Anybody,
    };

#pragma warning disable CA5359 // an attacker does not check whom it attacks
    private static RemoteCertificateValidationCallback Anybody { get; } = (_, _, _, _) => true;
#pragma warning restore CA5359
}
