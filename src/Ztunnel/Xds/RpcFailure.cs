using System.Net.Sockets;
using Grpc.Core;
using Ztunnel.Telemetry;

namespace Ztunnel.Xds;

/// <summary>A failed call in the words operators know, and which kind of end it was.</summary>
internal static class RpcFailure
{
    public static string Describe(Uri address, RpcException failure)
    {
        string message = failure.Status.Detail;
        string hint = message.Contains("authentication failure", StringComparison.Ordinal)
            ? " (hint: check the control plane logs for more information)"
            : "";
        return $"gRPC connection error connecting to {address.GetLeftPart(UriPartial.Authority)}: "
            + $"status: {failure.StatusCode}, message: \"{message}\"{hint}{Source(failure.Status.DebugException)}";
    }

    /// <param name="hadResponse">Of a stream without one it is not known that it ever stood.</param>
    public static XdsTermination Classify(RpcException failure, bool hadResponse) => failure.StatusCode switch
    {
        _ when !hadResponse => XdsTermination.ConnectionError,
        StatusCode.Unknown or StatusCode.Cancelled or StatusCode.DeadlineExceeded => XdsTermination.Reconnect,
        StatusCode.Unavailable when IsGoingAway(failure.Status) => XdsTermination.Reconnect,
        StatusCode.Internal when IsLostConnection(failure.Status) => XdsTermination.Reconnect,
        _ => XdsTermination.Error,
    };

    /// <summary>As servers in Go, .NET and Rust put it; a limit on the rate of streams has the same status.</summary>
    public static bool IsRequestTooLarge(RpcException failure, bool hadResponse) =>
        !hadResponse
        && failure.StatusCode is StatusCode.ResourceExhausted or StatusCode.OutOfRange
        && s_tooLarge.Any(text => failure.Status.Detail.Contains(text, StringComparison.OrdinalIgnoreCase));

    private static readonly string[] s_tooLarge = ["larger than max", "exceeds the maximum", "too large"];

    private static bool IsGoingAway(Status status) =>
        IsLostConnection(status)
        || status.Detail.Contains("transport is closing", StringComparison.Ordinal)
        || status.Detail.Contains("received prior goaway", StringComparison.Ordinal);

    // No status came from the server: the connection broke, and the library made one up.
    private static bool IsLostConnection(Status status) =>
        status.DebugException is HttpRequestException or IOException;

    private static string Source(Exception? cause)
    {
        if (cause is null)
        {
            return "";
        }

        for (Exception? inner = cause; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketException { SocketErrorCode: SocketError.TryAgain })
            {
                return $", source: {LogState.Describe(cause)} (hint: is the DNS server reachable?)";
            }
        }

        return $", source: {LogState.Describe(cause)}";
    }
}
