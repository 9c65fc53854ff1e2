namespace Ztunnel.Proxy.Socks;

/// <summary>What a <see cref="SocksNegotiation"/> waits for, or how it ended.</summary>
internal enum SocksStatus
{
    /// <summary>More bytes of the client.</summary>
    NeedMore,

    /// <summary>An address for <see cref="SocksNegotiation.Host"/>: <see cref="SocksNegotiation.Resolve"/>.</summary>
    NeedAddress,

    /// <summary>Agreed: <see cref="SocksNegotiation.Destination"/> is where to connect.</summary>
    Connect,

    /// <summary>Refused: <see cref="SocksNegotiation.Failure"/> says why.</summary>
    Failed,
}
