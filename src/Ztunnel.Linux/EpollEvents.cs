namespace Ztunnel.Linux;

/// <summary>Readiness as epoll(7) tells it; values of &lt;sys/epoll.h&gt;.</summary>
[Flags]
public enum EpollEvents : uint
{
    None = 0,
    In = 0x1,

    /// <summary>Urgent data: a read stops short at its mark with more behind it.</summary>
    Priority = 0x2,
    Out = 0x4,
    Error = 0x8,
    HangUp = 0x10,
    ReadHangUp = 0x2000,

    /// <summary>Wakes one of the workers that share a listener, not all.</summary>
    Exclusive = 1u << 28,
    EdgeTriggered = 1u << 31,

    /// <summary>
    /// After any of these a read that comes back short may have left something behind whose edge was told already: what
    /// follows an urgent mark, a FIN, an error.
    /// </summary>
    Unsettled = Priority | ReadHangUp | HangUp | Error,

    /// <summary>What a connection asks for once, so that it never calls epoll_ctl again.</summary>
    Connection = In | Out | Priority | ReadHangUp | EdgeTriggered,
}
