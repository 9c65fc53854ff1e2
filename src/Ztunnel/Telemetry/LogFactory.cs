using Microsoft.Extensions.Logging;

namespace Ztunnel.Telemetry;

/// <summary>Makes the loggers of all scopes and moves them together when the filter changes.</summary>
internal sealed class LogFactory : ILoggerFactory
{
    // Libraries log the course of every request at info; an operator who wants that names their scope.
    private static readonly string[] s_libraries = ["Microsoft.", "System.", "Grpc."];

    private readonly Lock _changing = new();
    private readonly List<WeakReference<ScopeLogger>> _loggers = [];
    private readonly LogFilter _startup;
    private LogFilter _filter;

    public LogFactory(LogWriter writer, LogFilter filter, LogFormat format, TimeProvider time)
    {
        (Writer, Format, Time) = (writer, format, time);
        _startup = _filter = filter;
    }

    public LogWriter Writer { get; }

    public LogFormat Format { get; }

    public TimeProvider Time { get; }

    public LogFilter Filter => Volatile.Read(ref _filter);

    /// <summary>The filter the process started with.</summary>
    public LogFilter StartupFilter => _startup;

    public ILogger CreateLogger(string categoryName) => CreateScope(categoryName);

    /// <param name="scope">The full name operators filter on, e.g. <c>ztunnel::proxy::inbound</c>.</param>
    public ScopeLogger CreateScope(string scope) => CreateScope(scope, []);

    public void Apply(LogFilter filter)
    {
        lock (_changing)
        {
            Volatile.Write(ref _filter, filter);
            _loggers.RemoveAll(static reference => !reference.TryGetTarget(out _));
            foreach (WeakReference<ScopeLogger> reference in _loggers)
            {
                if (reference.TryGetTarget(out ScopeLogger? logger))
                {
                    logger.Threshold = ThresholdOf(filter, logger.Scope);
                }
            }
        }
    }

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("all lines go to one writer");

    public void Dispose()
    {
    }

    internal ScopeLogger CreateScope(string scope, LogSpan[] spans)
    {
        ScopeLogger logger = new(this, scope, spans);
        lock (_changing)
        {
            logger.Threshold = ThresholdOf(_filter, scope);

            // Weak: a span's logger lives as long as its stream or connection. Swept when the list would grow.
            if (_loggers.Count == _loggers.Capacity)
            {
                _loggers.RemoveAll(static reference => !reference.TryGetTarget(out _));
            }

            _loggers.Add(new WeakReference<ScopeLogger>(logger));
        }

        return logger;
    }

    private static LogLevel ThresholdOf(LogFilter filter, string scope)
    {
        LogLevel level = filter.LevelOf(scope, out bool isNamed);
        bool isLibrary = !isNamed && Array.Exists(s_libraries, l => scope.StartsWith(l, StringComparison.Ordinal));
        return isLibrary && level < LogLevel.Warning ? LogLevel.Warning : level;
    }
}
