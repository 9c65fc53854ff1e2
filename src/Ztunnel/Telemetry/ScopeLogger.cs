using System.Text;
using Microsoft.Extensions.Logging;

namespace Ztunnel.Telemetry;

/// <summary>
/// The logger of one scope. Asking whether a level is on is one comparison, so that a filtered line costs nothing;
/// <see cref="LogFactory"/> moves the threshold when the filter changes.
/// </summary>
internal sealed class ScopeLogger : ILogger
{
    private const string CratePrefix = "ztunnel::";

    private readonly LogFactory _factory;
    private readonly byte[] _head; // text: SCOPE[spans]; JSON: the scope's value
    private readonly byte[] _tail; // JSON: one member per span
    private LogLevel _threshold;

    internal ScopeLogger(LogFactory factory, string scope, LogSpan[] spans)
    {
        (_factory, Scope, Spans) = (factory, scope, spans);
        StringBuilder head = new(scope);
        StringBuilder tail = new();
        if (factory.Format == LogFormat.Text && scope.StartsWith(CratePrefix, StringComparison.Ordinal))
        {
            head.Remove(0, CratePrefix.Length);
        }

        foreach (LogSpan span in spans)
        {
            if (factory.Format == LogFormat.Text)
            {
                head.Append(':').Append(span.ToText());
            }
            else
            {
                tail.Append(',').Append(span.ToJson());
            }
        }

        _head = Encoding.UTF8.GetBytes(head.ToString());
        _tail = Encoding.UTF8.GetBytes(tail.ToString());
    }

    public string Scope { get; }

    public LogFormat Format => _factory.Format;

    internal LogSpan[] Spans { get; }

    /// <summary>Written by the factory under its lock; a reader one line late is fine.</summary>
    internal LogLevel Threshold
    {
        set => _threshold = value;
    }

    /// <summary>The same scope inside a span, as in <c>xds::client:xds{id=1}</c>.</summary>
    public ScopeLogger In(LogSpan span) => _factory.CreateScope(Scope, [.. Spans, span]);

    public bool IsEnabled(LogLevel logLevel) => logLevel >= _threshold && logLevel != LogLevel.None;

    /// <summary>Starts a line. The message is ours and taken as it is, line breaks included.</summary>
    public LogEvent Begin(LogLevel level, ReadOnlySpan<byte> message)
    {
        LogBuffer line = LogBuffer.Take();
        BeginLine(line, level, hasMessage: !message.IsEmpty);
        if (!message.IsEmpty)
        {
            line.Append(message);
            EndMessage(line);
        }

        return new LogEvent(this, level, line);
    }

    /// <summary>
    /// Starts a line whose message is text from here (the configuration at start): line breaks stay in text lines.
    /// </summary>
    public LogEvent Begin(LogLevel level, string message)
    {
        LogBuffer line = LogBuffer.Take();
        BeginLine(line, level, hasMessage: true);
        if (Format == LogFormat.Json)
        {
            line.AppendJson(message);
        }
        else
        {
            line.Append(message);
        }

        EndMessage(line);
        return new LogEvent(this, level, line);
    }

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        LogBuffer line = LogBuffer.Take();
        BeginLine(line, logLevel, hasMessage: true);
        AppendMessage(line, formatter(state, exception));
        EndMessage(line);

        LogEvent fields = new(this, logLevel, line);
        LogState.WriteFields(ref fields, state);
        if (exception is not null)
        {
            fields.Field("error"u8, LogState.Describe(exception));
            if (_threshold <= LogLevel.Debug && exception.StackTrace is string stack)
            {
                fields.Field("stack"u8, stack);
            }
        }

        fields.Write();
    }

    /// <summary>
    /// Spans are part of a logger (<see cref="In"/>), not of the flow of calls: that would cost every await.
    /// </summary>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    internal void End(LogBuffer line, LogLevel level)
    {
        if (Format == LogFormat.Json)
        {
            line.Append(_tail);
            line.Append((byte)'}');
        }

        line.Append((byte)'\n');
        _factory.Writer.Write(line.Written, level);
        line.GiveBack();
    }

    private void BeginLine(LogBuffer line, LogLevel level, bool hasMessage)
    {
        if (Format == LogFormat.Json)
        {
            line.Append("{\"level\":\""u8);
            line.Append(level.Utf8Name());
            line.Append("\",\"time\":\""u8);
            LogClock.Write(_factory.Time.GetUtcNow(), line.Reserve(LogClock.Length));
            line.Append("\",\"scope\":\""u8);
            line.Append(_head);
            line.Append(hasMessage ? "\",\"message\":\""u8 : "\""u8);
            return;
        }

        LogClock.Write(_factory.Time.GetUtcNow(), line.Reserve(LogClock.Length));
        line.Append((byte)'\t');
        line.Append(level.Utf8Name());
        line.Append((byte)'\t');
        line.Append(_head);
        line.Append((byte)'\t');
    }

    // The tab is there even when no field follows; without a message the fields follow the scope's tab at once.
    private void EndMessage(LogBuffer line) => line.Append(Format == LogFormat.Json ? (byte)'"' : (byte)'\t');

    private void AppendMessage(LogBuffer line, string message)
    {
        if (Format == LogFormat.Json)
        {
            line.AppendJson(message);
        }
        else
        {
            line.AppendMessage(message);
        }
    }
}
