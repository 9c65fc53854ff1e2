using Ztunnel.Config;
using Ztunnel.ControlPlane;
using Ztunnel.Protos.Discovery;
using Ztunnel.State;
using Ztunnel.Telemetry;
using Ztunnel.Tests.Telemetry;
using Ztunnel.Xds;

namespace Ztunnel.Tests.Xds;

/// <summary>A client that runs, with its state, log and metrics.</summary>
internal sealed class XdsLab : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly LogCapture _log = new("debug");
    private readonly ZtunnelMetrics _metrics;
    private readonly Task _run;
    private bool _hasFailed;

    /// <param name="prepare">What a room does before the client starts.</param>
    public XdsLab(XdsClientOptions options, Action<XdsClient>? prepare = null)
    {
        _metrics = new ZtunnelMetrics(new MetricSet(1), "test", new MetricOptions(), TimeProvider.System);
        Client = new XdsClient(options, Mesh, _metrics, _log.Factory, TimeProvider.System);
        prepare?.Invoke(Client);
        _run = Client.RunAsync(_stopping.Token);
    }

    public MeshState Mesh { get; } = new(null);

    public XdsClient Client { get; }

    public string Log => _log.Text;

    public static XdsClientOptions OptionsFor(TestAdsServer server) => new()
    {
        Endpoint = new ControlPlaneEndpoint
        {
            Name = "XDS_ADDRESS",
            Address = server.Address,
            Roots = new RootCertificates(RootSource.Inline, server.Certificates.RootPem),
            MaxMessageSize = XdsClientOptions.MaxMessageSize,
        },
        Headers = new ControlPlaneHeaders(null, "c1", []),
        Node = new Node { Id = "node" },
    };

    public static XdsLab Of(TestAdsServer server) => new(OptionsFor(server));

    /// <summary>Waits, without polling, for a batch after which the state is so.</summary>
    public async Task UntilAsync(Func<MeshSnapshot, bool> isSo)
    {
        TaskCompletionSource found = new(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(MeshChange change)
        {
            if (isSo(change.Snapshot))
            {
                found.TrySetResult();
            }
        }

        Mesh.Changed += Look;
        if (!isSo(Mesh.Current))
        {
            await found.Task.WaitAsync(TestAdsStream.Patience);
        }

        Mesh.Changed -= Look;
    }

    public async Task<string> MetricsAsync()
    {
        using MemoryStream text = new();
        await _metrics.Set.Registry.CollectAndExportAsTextAsync(text);
        return System.Text.Encoding.UTF8.GetString(text.ToArray());
    }

    /// <summary>Ends as at the end of the process.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _run.WaitAsync(TestAdsStream.Patience);
    }

    /// <summary>Waits for the failure that the client ends with by itself.</summary>
    public async Task<Exception> FailureAsync()
    {
        _hasFailed = true;
        return await Assert.ThrowsAnyAsync<Exception>(() => _run.WaitAsync(TestAdsStream.Patience));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_hasFailed)
        {
            await StopAsync();
        }

        Client.Dispose();
        _log.Dispose();
        _stopping.Dispose();
    }
}
