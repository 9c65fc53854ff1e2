namespace Ztunnel.Proxy.Socks;

/// <summary>Why a negotiation ended without a destination: for the wire and for the log.</summary>
internal sealed record SocksFailure(SocksReplyCode Code, string Reason);
