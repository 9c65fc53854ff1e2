namespace Ztunnel.Linux;

/// <summary>
/// What a read, write or connect came to: a count, or an errno. A value, because most of them are "would block" and
/// none of those is exceptional.
/// </summary>
public readonly record struct IoResult
{
    private readonly int _value;

    private IoResult(int value) => _value = value;

    public static IoResult Done => default;

    public bool IsOk => _value >= 0;

    /// <summary>Bytes moved; of a read, 0 is the peer's FIN.</summary>
    public int Count => Math.Max(_value, 0);

    /// <summary>0 when <see cref="IsOk"/>.</summary>
    public int Errno => _value < 0 ? -_value : 0;

    public bool WouldBlock => _value == -Linux.Errno.EAGAIN;

    public bool IsInProgress => _value == -Linux.Errno.EINPROGRESS;

    /// <summary>The peer is gone, in one of the ways that need no explanation.</summary>
    public bool IsDisconnect => -_value is Linux.Errno.ECONNRESET or Linux.Errno.EPIPE or Linux.Errno.ENOTCONN;

    public bool IsOutOfDescriptors => -_value is Linux.Errno.EMFILE or Linux.Errno.ENFILE;

    /// <summary>Text as in the access log: <c>Connection refused (os error 111)</c>.</summary>
    public string Text => Linux.Errno.Describe(Errno);

    public static IoResult Of(int count) => new(count);

    public static IoResult Failed(int errno) => new(-errno);
}
