using Ztunnel.Linux;
using Ztunnel.Telemetry;

namespace Ztunnel.Proxy;

/// <summary>
/// One connection as metrics and access log see it: opened when it is made, closed exactly once. Its bytes are on the
/// graph while they flow.
/// </summary>
internal sealed class ConnectionRecord
{
    private readonly ProxyWorker _proxy;
    private readonly TrafficSeries _series;
    private readonly TrafficCell _cell;
    private readonly long _start;
    private AccessRecord _record;
    private long _received;
    private long _sent;
    private bool _isClosed;

    /// <param name="start">Stopwatch ticks from which the duration counts.</param>
    public ConnectionRecord(ProxyWorker proxy, in AccessRecord record, long start)
    {
        (_proxy, _record, _start) = (proxy, record, start);
        _series = proxy.Services.Metrics.Traffic.Series(record.Labels);
        _cell = _series.Cell(proxy.Index);
        _cell.Opened();
        proxy.Services.Access.Opened(in record);
    }

    public bool IsSource => _record.Labels.Reporter == Reporter.Source;

    /// <summary>From the application of this node into the tunnel or network.</summary>
    public void Up(int bytes)
    {
        if (IsSource)
        {
            Received(bytes);
        }
        else
        {
            Sent(bytes);
        }
    }

    /// <summary>To the application of this node.</summary>
    public void Down(int bytes)
    {
        if (IsSource)
        {
            Sent(bytes);
        }
        else
        {
            Received(bytes);
        }
    }

    public void Close(string? error, ResponseFlag flag)
    {
        if (_isClosed)
        {
            return;
        }

        _isClosed = true;
        _cell.Closed(flag);
        AccessLog log = _proxy.Services.Access;
        if (log.IsEnabled(error is not null))
        {
            TimeSpan duration = System.Diagnostics.Stopwatch.GetElapsedTime(_start);
            log.Complete(new AccessRecord
            {
                Labels = _record.Labels,
                SourceAddress = _record.SourceAddress,
                SourceName = _record.SourceName,
                DestinationAddress = _record.DestinationAddress,
                HboneAddress = _record.HboneAddress,
                DestinationName = _record.DestinationName,
                Received = _received,
                Sent = _sent,
                Duration = duration,
                Error = error,
            });
        }
    }

    private void Received(int bytes)
    {
        _received += bytes;
        _cell.Received(bytes);
    }

    private void Sent(int bytes)
    {
        _sent += bytes;
        _cell.Sent(bytes);
    }
}
