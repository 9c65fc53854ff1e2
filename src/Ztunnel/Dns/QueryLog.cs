using Microsoft.Extensions.Logging;
using Ztunnel.Dns.Messages;
using Ztunnel.State;
using Ztunnel.Telemetry;

namespace Ztunnel.Dns;

/// <summary>One debug line per query under scope <c>dns</c>: its fields and their order are a public contract.</summary>
internal sealed class QueryLog(LogFactory factory)
{
    private readonly ScopeLogger _logger = factory.CreateScope("dns");

    /// <summary>Asked before anything is made for a line.</summary>
    public bool IsEnabled => _logger.IsEnabled(LogLevel.Debug);

    /// <param name="source">Null: not known.</param>
    /// <param name="question">Name, type and class; empty for messages of other opcodes.</param>
    /// <param name="endpoints">Records of the answer section.</param>
    public void Write(Workload? source, ReadOnlySpan<byte> question, string type, string result, int endpoints)
    {
        LogEvent line = _logger.Begin(LogLevel.Debug, ReadOnlySpan<byte>.Empty);
        line.Field("src.workload"u8, source?.Name ?? TrafficPeer.UnknownText);
        line.Field("src.namespace"u8, source?.Namespace ?? TrafficPeer.UnknownText);
        line.Field("query"u8, type.ToUpperInvariant());
        line.Field("domain"u8, question.IsEmpty ? "" : DnsName.ToText(question[..^4]));
        line.Field("result"u8, result);
        line.Field("endpoints"u8, (long)endpoints);
        line.Write();
    }
}
