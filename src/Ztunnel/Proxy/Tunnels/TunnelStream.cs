using Ztunnel.Hbone;
using Ztunnel.Hbone.Http2;

namespace Ztunnel.Proxy.Tunnels;

/// <summary>The proxy's half of a CONNECT stream. A base class, because the tunnel links its streams through it.</summary>
internal abstract class TunnelStream(TunnelConnection tunnel)
{
    public TunnelConnection Tunnel { get; } = tunnel;

    /// <summary>Set by <see cref="TunnelConnection.Open"/> and <see cref="TunnelConnection.Attach"/>.</summary>
    public Http2Stream Stream { get; internal set; } = null!;

    internal TunnelStream? Previous { get; set; }

    internal TunnelStream? Next { get; set; }

    internal bool IsAttached { get; set; }

    /// <summary>Stands in the tunnel's queue of those that want to send.</summary>
    internal bool IsWaiting { get; set; }

    /// <summary>Client: the answer to the CONNECT.</summary>
    public abstract void OnResponse(Http2Response response, bool endStream);

    public abstract void OnData(ReadOnlySpan<byte> data, bool endStream);

    /// <summary>It may send again: one slice.</summary>
    public abstract void OnWritable();

    public abstract void OnReset(Http2ErrorCode code, ResetSource source);

    /// <summary>The connection under it is gone.</summary>
    public abstract void OnTunnelLost(TunnelEnd end, string? text);
}
