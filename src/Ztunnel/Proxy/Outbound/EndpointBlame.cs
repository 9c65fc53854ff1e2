namespace Ztunnel.Proxy.Outbound;

/// <summary>Who an attempt failed for: decides whether another endpoint is tried.</summary>
internal enum EndpointBlame
{
    /// <summary>The endpoint did not answer, or not as one should: another may, and this one is avoided.</summary>
    Endpoint,

    /// <summary>A waypoint or gateway says so of what is behind it: another may know better.</summary>
    Beyond,

    /// <summary>It refused us, or it is our own trouble: others would do the same.</summary>
    NotTheEndpoint,
}
