using Microsoft.Extensions.Logging;
using Ztunnel.Config;
using Ztunnel.InPod;
using Ztunnel.Telemetry;

namespace Ztunnel.Hosting;

/// <summary>Shared mode: every pod the node agent tells of, and the ports of the proxy's own pod.</summary>
/// <param name="self">Null: this process does not know which pod it is, or carries no traffic.</param>
internal sealed class SharedPlane(ProxyConfig config, ZdsClient agent, SoloProxy? self, LogFactory log) : IDataPlane
{
    private readonly ILogger _logger = log.CreateLogger("ztunnel::app");

    public void Check()
    {
        _logger.SharedMode();
        SelfTest.Run(config.Sockets.PacketMark);
    }

    public async Task StartAsync()
    {
        if (self is not null)
        {
            PodIdentity pod = config.Instance.Self!;
            log.CreateLogger("ztunnel::proxyfactory").SelfListener(
                $"Spiffe {{ trust_domain: \"{config.Instance.TrustDomain}\", namespace: \"{pod.Namespace}\", "
                + $"service_account: \"{pod.ServiceAccount}\" }}");
            await self.StartAsync();
        }
    }

    public async Task RunAsync(CancellationToken draining)
    {
        if (self is null)
        {
            await agent.RunAsync(draining);
            return;
        }

        _logger.SelfListenerStarted();
        Task pods = agent.RunAsync(draining);
        Task own = self.RunAsync(draining);
        await await Task.WhenAny(pods, own); // an agent that broke the protocol is not waited upon by our own ports
        await Task.WhenAll(pods, own);
    }
}
