namespace Ztunnel.Lab;

/// <summary>Types of HTTP/2 frames (RFC 9113 §6), as numbers on the wire.</summary>
public enum FrameKind
{
    Data = 0,
    Headers = 1,
    Priority = 2,
    RstStream = 3,
    Settings = 4,
    PushPromise = 5,
    Ping = 6,
    GoAway = 7,
    WindowUpdate = 8,
    Continuation = 9,

    /// <summary>Nobody's: to be ignored.</summary>
    Unknown = 0xbe,
}
