namespace Ztunnel.Telemetry;

/// <summary>What a log line looks like (<c>LOG_FORMAT</c>).</summary>
internal enum LogFormat
{
    /// <summary><c>TIME⇥LEVEL⇥SCOPE⇥MESSAGE⇥k=v k=v</c>.</summary>
    Text,

    /// <summary>One object per line.</summary>
    Json,
}
