using Microsoft.Extensions.Logging;
using Ztunnel.Certificates;
using Ztunnel.Certificates.Secrets;
using Ztunnel.Config;
using Ztunnel.ControlPlane;
using Ztunnel.Telemetry;
using Ztunnel.Tls;
using Ztunnel.Xds;
using Ztunnel.Xds.Sds;

namespace Ztunnel.Hosting;

/// <summary>Where this node's certificates come from, as the settings say, with what that needs.</summary>
internal sealed class CertificateSupply : IAsyncDisposable
{
    private readonly ICertificateAuthority? _authority;
    private readonly SdsClient? _server;

    /// <param name="revocations">Takes the lists that come with secrets.</param>
    /// <param name="discovery">Carries secrets where they have no server of their own.</param>
    /// <exception cref="StartupFailure">The embedded CA has no root.</exception>
    public CertificateSupply(
        ProxyConfig config, Revocations revocations, XdsClient? discovery, LogFactory log, TimeProvider time)
    {
        bool isShared = config.Instance.Mode == ProxyMode.Shared; // one node asks for many workloads
        ILogger logger = log.CreateLogger("ztunnel::identity::manager");
        SecretOptions secrets = config.ControlPlane.Secrets;
        if (secrets.Provider == CertificateProvider.Ca)
        {
            _authority = Authorities.Create(config, log, time);
            CertificateReader answers = new(isShared, time, logger, config.Tls);
            Source = new CertificateStore(new CertificateIssuer(_authority, answers), time, Random.Shared, logger);
            return;
        }

        _server = secrets.SocketPath is { } path
            ? new SdsClient(
                path, XdsNode.Of(config.Instance, config.Metadata), time, log.CreateLogger("ztunnel::xds::sds"))
            : null;
        IResourceStream stream = _server ?? (IResourceStream)discovery!; // the settings were checked
        CertificateReader sent = new(isShared, time, logger, config.Tls, failure: "");
        Source = new SecretStore(stream, secrets, new SecretChecks(sent, revocations), time, logger);
    }

    public ICertificateSource Source { get; }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        (_authority as IDisposable)?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
