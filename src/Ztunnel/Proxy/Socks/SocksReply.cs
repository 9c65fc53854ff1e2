namespace Ztunnel.Proxy.Socks;

/// <summary>The server's side of RFC 1928, written out.</summary>
internal static class SocksReply
{
    public const int Size = 10;

    /// <summary>A method selection and a reply: the most one client's bytes can bring about.</summary>
    public const int MaxSize = 2 + Size;

    /// <summary>Version 5, no authentication required.</summary>
    public static ReadOnlySpan<byte> MethodSelection => [5, 0];

    /// <summary>The bound address is 0.0.0.0:0 always: a success is sent before anything is connected.</summary>
    public static int Write(Span<byte> into, SocksReplyCode code)
    {
        ReadOnlySpan<byte> reply = [5, (byte)code, 0, 1, 0, 0, 0, 0, 0, 0]; // 1: IPv4
        reply.CopyTo(into);
        return Size;
    }
}
