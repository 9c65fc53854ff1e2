using Microsoft.Extensions.Logging;

namespace Ztunnel.Tests.Policy;

/// <summary>Keeps the messages that were logged.</summary>
internal sealed class LogLines : ILogger
{
    private readonly List<string> _lines = [];

    public LogLevel Threshold { get; set; } = LogLevel.Debug;

    public string[] Take()
    {
        string[] lines = [.. _lines];
        _lines.Clear();
        return lines;
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= Threshold;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            _lines.Add(formatter(state, exception));
        }
    }
}
