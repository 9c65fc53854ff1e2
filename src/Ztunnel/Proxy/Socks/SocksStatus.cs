namespace Ztunnel.Proxy.Socks;

/// <summary>What a <see cref="SocksNegotiation"/> waits for, or how it ended.</summary>
internal enum SocksStatus
{
    /// <summary>More bytes of the client.</summary>
    NeedMore,

    /// <summary>The address of <see cref="SocksNegotiation.Host"/>, through <see cref="SocksNegotiation.Resolve"/>.</summary>
    NeedAddress,

    /// <summary>Agreed: <see cref="SocksNegotiation.Destination"/> is where to connect.</summary>
    Connect,

    /// <summary>Refused: <see cref="SocksNegotiation.Failure"/> says why.</summary>
    Failed,
}
