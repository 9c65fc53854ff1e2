using Ztunnel.Telemetry;

namespace Ztunnel.Xds;

/// <summary>How a stream ended.</summary>
/// <param name="Error">As the log shows it.</param>
/// <param name="Lived">From the first response; zero when there was none.</param>
internal sealed record XdsStreamEnd(XdsTermination Reason, string Error, TimeSpan Lived)
{
    /// <summary>The server would not read what we began with.</summary>
    public bool IsRequestTooLarge { get; init; }
}
