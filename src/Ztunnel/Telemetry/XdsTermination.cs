namespace Ztunnel.Telemetry;

/// <summary>How an xDS connection ended. The names are the values of label <c>reason</c>.</summary>
internal enum XdsTermination
{
    ConnectionError,
    Error,
    Reconnect,
    Complete,
}
