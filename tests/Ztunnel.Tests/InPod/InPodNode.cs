using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Ztunnel.InPod;
using Ztunnel.Linux;

namespace Ztunnel.Tests.InPod;

/// <summary>Agent, client and registry put together as in the process, with a connection made.</summary>
internal sealed class InPodNode : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _draining = new();
    private readonly Channel<bool> _readiness = Channel.CreateUnbounded<bool>();

    public InPodNode(TimeSpan retryInterval, params (NamespaceId, string)[] forbidden)
    {
        Pods = new PodRegistry(Factory, new ForbiddenNamespaces(forbidden), NullLogger.Instance);
        ZdsClient client = new(
            new ZdsClientOptions(Agent.SocketPath) { RetryInterval = retryInterval },
            Pods,
            ready => Assert.True(_readiness.Writer.TryWrite(ready)),
            new Random(1),
            NullLogger.Instance)
        {
            SnapshotServed = () => SnapshotsServed++,
        };
        Running = client.RunAsync(_draining.Token);
        Agent.Accept();
    }

    public InPodNode()
        : this(TimeSpan.FromSeconds(5))
    {
    }

    public ZdsAgent Agent { get; } = new();

    public RecordingFactory Factory { get; } = new();

    public PodRegistry Pods { get; }

    public Task Running { get; }

    /// <summary>By the client's thread; to be asked for when the next request has been answered.</summary>
    public int SnapshotsServed { get; private set; }

    public bool HasReadinessNews => _readiness.Reader.TryPeek(out _);

    public async Task<bool> NextReadinessAsync() => await _readiness.Reader.ReadAsync().AsTask().WaitAsync(s_patience);

    public async Task DrainAsync()
    {
        await _draining.CancelAsync();
        await Running.WaitAsync(s_patience);
    }

    public void Dispose()
    {
        _draining.Cancel();
        try
        {
            Running.Wait(s_patience);
        }
        catch (AggregateException)
        {
            // The test looked at it, or meant it to fail.
        }

        _draining.Dispose();
        Agent.Dispose();
    }
}
