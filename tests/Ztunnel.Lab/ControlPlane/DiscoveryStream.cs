using System.Threading.Channels;
using Grpc.Core;

namespace Ztunnel.Lab;

/// <summary>One client's stream: woken when something may have to be sent, ended by whoever likes to.</summary>
internal abstract class DiscoveryStream : IDisposable
{
    private readonly CancellationTokenSource _ending;
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private Status _end = Status.DefaultSuccess;

    protected DiscoveryStream(ServerCallContext call)
    {
        Call = call;
        _ending = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken);
        Ending = _ending.Token;
    }

    /// <summary>The stream is over or about to be.</summary>
    public CancellationToken Ending { get; }

    /// <summary>It has subscribed to both types of the mesh.</summary>
    public virtual bool IsOfMesh => false;

    public ServerCallContext Call { get; }

    /// <summary>Everything to push up to a revision is pushed and answered.</summary>
    public virtual bool IsSettled(long revision) => true;

    public void Wake() => _changes.Writer.TryWrite(true);

    public void End(Status status)
    {
        _end = status;
        _ending.Cancel();
    }

    public void Dispose() => _ending.Dispose();

    protected async Task RunAsync<TRequest>(
        IAsyncStreamReader<TRequest> requests, Action<TRequest> receive, Func<Task> push)
    {
        Task reading = ReadAsync(requests, receive);
        try
        {
            await foreach (bool _ in _changes.Reader.ReadAllAsync(Ending))
            {
                await push();
            }
        }
        catch (OperationCanceledException) when (Ending.IsCancellationRequested)
        {
            // Ended by us or by the client; which of them, the status says.
        }
        finally
        {
            await _ending.CancelAsync();
            await reading;
        }

        if (_end.StatusCode != StatusCode.OK)
        {
            throw new RpcException(_end);
        }
    }

    private async Task ReadAsync<TRequest>(IAsyncStreamReader<TRequest> requests, Action<TRequest> receive)
    {
        try
        {
            while (await requests.MoveNext(Ending))
            {
                receive(requests.Current);
            }

            _changes.Writer.TryComplete();
        }
        catch (RpcException refused)
        {
            End(refused.Status);
        }
        catch (Exception end) when (end is IOException or OperationCanceledException)
        {
            await _ending.CancelAsync(); // the client is gone, or we end the stream
        }
    }
}
