using Ztunnel.Linux;

namespace Ztunnel.Proxy.Tunnels;

/// <summary>
/// What the ciphertext of a tunnel moves over: a socket, or a stream of another tunnel. It takes and gives what it can
/// without waiting; news of it reach the tunnel by <see cref="TunnelConnection.OnEvents"/>, each once.
/// </summary>
internal unsafe interface ITunnelTransport
{
    TunnelBuffers Buffers { get; }

    /// <summary>From now on its news are the tunnel's.</summary>
    void Attach(TunnelConnection tunnel);

    /// <summary>A short count has left nothing behind.</summary>
    IoResult Receive(byte* into, int length);

    IoResult Send(ReadOnlySpan<byte> bytes);

    void ShutdownWrite();

    void Close();
}
