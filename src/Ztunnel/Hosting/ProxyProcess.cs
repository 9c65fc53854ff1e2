using Ztunnel.Admin;
using Ztunnel.Config;
using Ztunnel.ControlPlane;
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
        if (!config.ControlPlane.UsesSystemTrust)
        {
            SystemTrust.LeaveUnread();
        }

        CryptoLibrary.LoadAhead();
        await using NodeProxy node = new(config, log, time); // in the meantime: it can do without
        BuildInfo build = BuildInfo.Of(config.IstioVersion, CryptoLibrary.Require(config.Tls));
        Banner.Write(config, build, log.CreateScope("ztunnel"));
        Authorities.Announce(config, log);
        await using AdminServers servers = NodeServers.Of(node, build, shutdown.OnQuit);
        NodeStart start = new(node);
        await start.PrepareAsync(servers);

        using CancellationTokenSource ended = new();
        Task? discovery = node.Xds?.RunAsync(ended.Token);
        Task vital = FirstOf(node.Workers.WatchAsync(), discovery);
        LifeCycle life = new(
            await start.RunAsync(vital, shutdown.Draining),
            vital,
            () => StopAsync(servers),
            config.Drain.Deadline + s_margin,
            log.CreateLogger("ztunnel::app"));
        Task<int> run = life.RunAsync(time, shutdown.Draining);
        node.WatchFiles(); // beside the pods' start: what changed meanwhile is seen at the first look
        int exit = await run;
        await ended.CancelAsync(); // not by the drain: connections that run out obey new policies too
        if (discovery is not null)
        {
            await discovery.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // its death was the life cycle's
        }

        return exit;
    }

    // Workers and discovery last as long as the process does; going on without one of them would look like health.
    private static async Task FirstOf(Task workers, Task? discovery) =>
        await await Task.WhenAny(discovery is null ? [workers] : [workers, discovery]);

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
