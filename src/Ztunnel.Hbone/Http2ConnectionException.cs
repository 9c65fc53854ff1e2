using Ztunnel.Hbone.Http2;

namespace Ztunnel.Hbone;

/// <summary>
/// The peer broke the protocol or a limit. GOAWAY with <see cref="Code"/> is already in the output when this is thrown:
/// the owner sends what is there and closes.
/// </summary>
public sealed class Http2ConnectionException(Http2ErrorCode code, string message, AbuseKind abuse = AbuseKind.None)
    : Exception(message)
{
    public Http2ErrorCode Code { get; } = code;

    /// <summary>The limit that was hit, or <see cref="AbuseKind.None"/> for a plain violation.</summary>
    public AbuseKind Abuse { get; } = abuse;
}
