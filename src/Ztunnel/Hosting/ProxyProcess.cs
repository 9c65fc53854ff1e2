using Ztunnel.Admin;
using Ztunnel.Config;
using Ztunnel.OpenSsl;
using Ztunnel.Telemetry;

namespace Ztunnel.Hosting;

/// <summary>One run of the proxy, from its settings to the exit code, in the order operators know.</summary>
internal sealed class ProxyProcess(ProxyConfig config, LogFactory log, TimeProvider time)
{
    // Beyond the connections' own deadline: what the process has for itself before the kubelet kills it.
    private static readonly TimeSpan s_margin = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_flush = TimeSpan.FromSeconds(2);

    /// <param name="say">Takes the one line that says why the process does not start.</param>
    public static async Task<int> RunAsync(EnvironmentReader env, string arguments, Action<string> say)
    {
        LogFactory? log = null;
        try
        {
            ProxyConfig config = ProxyConfig.From(
                env, ProxyConfig.MeshFile, Environment.ProcessorCount, arguments);
            log = Logging.Open(config.Log, Console.OpenStandardOutput(), TimeProvider.System);
            return await new ProxyProcess(config, log, TimeProvider.System).RunAsync();
        }
        catch (Exception failure)
        {
            if (log is not null && !IsOperators(failure))
            {
                CrashReport.Write(log, failure);
            }

            log?.Writer.Flush(s_flush); // first, as it happened first
            say($"Error: {StartupFailure.OneLine(failure)}");
            return ExitCode.Failure;
        }
        finally
        {
            log?.Writer.Dispose();
        }
    }

    // What an operator can do something about; everything else is a defect, whose place belongs into the log.
    private static bool IsOperators(Exception failure) =>
        failure is ConfigException or StartupFailure or BindException or OpenSslMissingException;

    private async Task<int> RunAsync()
    {
        CrashReport.Install(log);
        using Shutdown shutdown = new(log.CreateLogger("ztunnel::signal"), ExitNow);
        shutdown.Listen();

        BuildInfo build = BuildInfo.Of(config.IstioVersion, CryptoLibrary.Require(config.Tls));
        Banner.Write(config, build, log.CreateScope("ztunnel"));
        await using NodeProxy node = new(config, build, log, time);
        await using AdminServers servers = NodeServers.Of(node, shutdown.OnQuit);
        await StartAsync(node, servers);

        LifeCycle life = new(
            node.Plane,
            node.Workers.WatchAsync(),
            () => StopAsync(servers),
            config.Drain.Deadline + s_margin,
            log.CreateLogger("ztunnel::app"));
        return await life.RunAsync(time, shutdown.Draining);
    }

    // Discovery is not there yet, so the mesh is known once the static document is, and nothing waits for the first
    // answer of a control plane.
    private async Task StartAsync(NodeProxy node, AdminServers servers)
    {
        ReadinessTask mesh = node.Readiness.Register("state manager");
        ReadinessTask proxy = node.Readiness.Register("proxy");
        ReadinessTask dns = node.Readiness.Register("dns proxy");
        node.Workers.Start();
        await servers.StartAsync(CancellationToken.None);
        node.StaticMesh.Load();
        node.StaticMesh.Watch(time);
        await node.Plane.StartAsync();
        dns.Complete();
        proxy.Complete();
        mesh.Complete();
    }

    private async Task StopAsync(AdminServers servers)
    {
        using CancellationTokenSource late = new(config.Drain.Deadline, time);
        await servers.StopAsync(late.Token);
        foreach (string component in servers.Bound.Select(static bound => bound.Component).Distinct())
        {
            log.CreateLogger("ztunnel::admin").ShutdownComplete(component);
        }
    }

    private void ExitNow()
    {
        log.Writer.Flush(s_flush);
        Environment.Exit(ExitCode.Success);
    }
}
