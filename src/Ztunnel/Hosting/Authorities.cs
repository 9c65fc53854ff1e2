using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Ztunnel.Certificates;
using Ztunnel.Config;
using Ztunnel.Telemetry;

namespace Ztunnel.Hosting;

/// <summary>Who signs this node's certificates: Istio's CA, or the embedded one if asked for by name.</summary>
internal static class Authorities
{
    private const string Target = "ztunnel::identity::caclient";

    /// <summary>What an operator should know of the choice.</summary>
    public static void Announce(ProxyConfig config, LogFactory log)
    {
        if (config.ControlPlane is { FakeCa: true, Secrets.Provider: CertificateProvider.Ca })
        {
            log.CreateLogger(Target).EmbeddedCaInUse();
        }
    }

    /// <exception cref="StartupFailure">The embedded CA's root cannot be had.</exception>
    /// <exception cref="OpenSsl.OpenSslMissingException">There is nothing to make it with.</exception>
    public static ICertificateAuthority Create(ProxyConfig config, LogFactory log, TimeProvider time)
    {
        ILogger logger = log.CreateLogger(Target);
        if (!config.ControlPlane.FakeCa)
        {
            CaClientOptions options = CaClientOptions.From(config.ControlPlane, config.Instance, config.Tls);
            return new CaClient(options with { Mark = config.ControlPlaneMark }, logger);
        }

        CryptoLibrary.Require(config.Tls); // its root is made or read right here
        return new EmbeddedCa(Root(config.ControlPlane.FakeCaDirectory, time), config.ControlPlane.SecretTtl, time);
    }

    private static EmbeddedRoot Root(string? directory, TimeProvider time)
    {
        if (directory is null)
        {
            return EmbeddedRoot.Create(time);
        }

        try
        {
            return EmbeddedRoot.LoadOrCreate(directory, time);
        }
        catch (Exception failure)
            when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new StartupFailure(
                $"ZTUNNEL_FAKE_CA_DIR={directory}: the embedded CA has no root: {failure.Message}", failure);
        }
    }
}
