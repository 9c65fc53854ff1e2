using Microsoft.Extensions.Logging;
using Ztunnel.Linux;

namespace Ztunnel.Telemetry;

/// <summary>
/// One line per connection under scope <c>access</c>. Its field names and their order are a public contract.
/// </summary>
internal sealed class AccessLog(LogFactory factory)
{
    private readonly ScopeLogger _logger = factory.CreateScope("access");

    /// <summary>Whether a finished connection would be logged: callers may skip making the record.</summary>
    public bool IsEnabled(bool failed) => _logger.IsEnabled(failed ? LogLevel.Error : LogLevel.Information);

    public bool IsOpenedEnabled => _logger.IsEnabled(LogLevel.Debug);

    /// <summary>The record came into being: debug, the fields up to the direction.</summary>
    public void Opened(in AccessRecord record)
    {
        if (IsOpenedEnabled)
        {
            LogEvent line = _logger.Begin(LogLevel.Debug, "connection opened"u8);
            WriteParties(ref line, in record);
            line.Write();
        }
    }

    /// <summary>
    /// Once for every record, at its end: info, or error when <see cref="AccessRecord.Error"/> is set.
    /// </summary>
    public void Complete(in AccessRecord record)
    {
        LogLevel level = record.Error is null ? LogLevel.Information : LogLevel.Error;
        if (!_logger.IsEnabled(level))
        {
            return;
        }

        LogEvent line = _logger.Begin(level, "connection complete"u8);
        WriteParties(ref line, in record);

        // The log speaks from the local workload's point of view, the metrics from the request's.
        bool outbound = record.Labels.Reporter == Reporter.Source;
        line.Field("bytes_sent"u8, outbound ? record.Received : record.Sent);
        line.Field("bytes_recv"u8, outbound ? record.Sent : record.Received);
        line.FieldMilliseconds("duration"u8, record.Duration);
        line.OptionalField("error"u8, record.Error);
        line.Write();
    }

    /// <summary>
    /// Refused before a record existed (self call, unknown workload, no route, TLS, bad CONNECT): warn.
    /// </summary>
    public void EarlyDeny(InetEndpoint source, InetEndpoint destination, Reporter reporter, string error)
    {
        if (_logger.IsEnabled(LogLevel.Warning))
        {
            LogEvent line = _logger.Begin(LogLevel.Warning, "connection failed"u8);
            line.Field("src.addr"u8, source);
            line.Field("dst.addr"u8, destination);
            line.Field("direction"u8, Direction(reporter));
            line.Field("error"u8, error);
            line.Write();
        }
    }

    private static string Direction(Reporter reporter) => reporter == Reporter.Source ? "outbound" : "inbound";

    private static void WriteParties(ref LogEvent line, in AccessRecord record)
    {
        TrafficPeer source = record.Labels.Source;
        TrafficPeer destination = record.Labels.Destination;
        bool identities = record.Labels.IsMutualTls;

        line.Field("src.addr"u8, record.SourceAddress);
        line.OptionalField("src.workload"u8, Name(record.SourceName, source));
        line.OptionalField("src.namespace"u8, TrafficPeer.Logged(source.Namespace));
        line.OptionalField("src.identity"u8, identities ? TrafficPeer.Logged(source.Principal) : null);
        line.OptionalField("src.cluster"u8, TrafficPeer.Logged(source.Cluster));
        line.Field("dst.addr"u8, record.DestinationAddress);
        line.OptionalBareField("dst.hbone_addr"u8, record.HboneAddress);
        line.OptionalField("dst.service"u8, TrafficPeer.Logged(record.Labels.Service.Hostname));
        line.OptionalField("dst.workload"u8, Name(record.DestinationName, destination));
        line.OptionalField("dst.namespace"u8, TrafficPeer.Logged(destination.Namespace));
        line.OptionalField("dst.identity"u8, identities ? TrafficPeer.Logged(destination.Principal) : null);
        line.OptionalField("dst.cluster"u8, TrafficPeer.Logged(destination.Cluster));
        line.Field("direction"u8, Direction(record.Labels.Reporter));
    }

    private static string? Name(string? podName, TrafficPeer peer) =>
        string.IsNullOrEmpty(podName) ? TrafficPeer.Logged(peer.CanonicalService) : podName;
}
