using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Ztunnel.Certificates;
using Ztunnel.Config;
using Ztunnel.Telemetry;

namespace Ztunnel.Hosting;

/// <summary>Who signs this node's certificates: Istio's CA, or the embedded one if asked for by name.</summary>
internal static class Authorities
{
    /// <exception cref="StartupFailure">The embedded CA's root cannot be had.</exception>
    public static ICertificateAuthority Create(ProxyConfig config, LogFactory log, TimeProvider time)
    {
        ILogger logger = log.CreateLogger("ztunnel::identity::caclient");
        if (!config.ControlPlane.FakeCa)
        {
            CaClientOptions options = CaClientOptions.From(config.ControlPlane, config.Instance, config.Tls);
            return new CaClient(options with { Mark = config.ControlPlaneMark }, logger);
        }

        logger.EmbeddedCaInUse();
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
