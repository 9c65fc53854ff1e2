namespace Ztunnel.Linux;

/// <summary>Readiness as epoll(7) tells it; values of &lt;sys/epoll.h&gt;.</summary>
[Flags]
public enum EpollEvents : uint
{
    None = 0,
    In = 0x1,
    Out = 0x4,
    Error = 0x8,
    HangUp = 0x10,
    ReadHangUp = 0x2000,

    /// <summary>Wakes one of the workers that share a listener, not all.</summary>
    Exclusive = 1u << 28,
    EdgeTriggered = 1u << 31,

    /// <summary>What a connection asks for once, so that it never calls epoll_ctl again.</summary>
    Connection = In | Out | ReadHangUp | EdgeTriggered,
}
