using Ztunnel.Dns.Forwarding;
using Ztunnel.Dns.Messages;
using Ztunnel.Linux;

namespace Ztunnel.Dns;

/// <summary>A query of this process itself. Never answered when the pod goes before its answer comes.</summary>
internal sealed class OwnQuery(bool v6) : IQuerySource, IReplyTo
{
    private readonly TaskCompletionSource<InetAddress?> _answer =
        new(TaskCreationOptions.RunContinuationsAsynchronously); // not on the DNS thread

    /// <summary>Its first address; null: it has none.</summary>
    public Task<InetAddress?> Answer => _answer.Task;

    public bool IsOverTcp => false;

    public int Limit => UdpServer.MaxAnswer;

    public IReplyTo Detach(int limit) => this;

    public void Reply(ReadOnlySpan<byte> message) => _answer.TrySetResult(NameQuery.FirstAddress(message, v6));
}
