namespace Ztunnel.Proxy.Socks;

/// <summary>REP of RFC 1928 §6, as far as it is ever sent.</summary>
internal enum SocksReplyCode : byte
{
    Succeeded = 0,

    /// <summary>I/O error while negotiating.</summary>
    GeneralFailure = 1,

    /// <summary>The host's name has no address.</summary>
    HostUnreachable = 4,

    /// <summary>Every violation of the protocol.</summary>
    CommandNotSupported = 7,
}
