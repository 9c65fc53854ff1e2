using System.Threading.Channels;
using Ztunnel.Certificates;
using Ztunnel.Identity;

namespace Ztunnel.Tests.Certificates;

/// <summary>A CA whose answers come when the test says so.</summary>
internal sealed class GatedAuthority(ICertificateAuthority inner) : ICertificateAuthority
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Channel<Call> _calls = Channel.CreateUnbounded<Call>();

    /// <summary>Calls that wait for their answer or for the test to look at them.</summary>
    public int WaitingCalls => _calls.Reader.Count;

    public async Task<Call> NextCallAsync() => await _calls.Reader.ReadAsync().AsTask().WaitAsync(s_patience);

    public async Task<IReadOnlyList<string>> SignAsync(
        SpiffeId identity, string requestPem, CancellationToken cancellation)
    {
        Call call = new(identity);
        await _calls.Writer.WriteAsync(call, cancellation);
        if (await call.Answer.Task.WaitAsync(cancellation) is { } error)
        {
            throw new CertificateException(error);
        }

        return await inner.SignAsync(identity, requestPem, cancellation);
    }

    internal sealed record Call(SpiffeId Identity)
    {
        public TaskCompletionSource<string?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Sign() => Answer.SetResult(null);

        public void Refuse(string error) => Answer.SetResult(error);
    }
}
