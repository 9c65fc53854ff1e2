using System.Runtime.InteropServices;
using Ztunnel.OpenSsl;

namespace Ztunnel.Proxy.Tunnels;

/// <summary>
/// Where a worker's tunnels decrypt what arrived and encrypt what they send: one at a time, for one call. Tunnels inside
/// others have a pair of their own, because theirs is filled while the outer one's is being read. Never freed.
/// </summary>
internal sealed unsafe class TunnelBuffers
{
    // TLS keeps at most one record back, so what is fed decrypts to that much more.
    private const int Slack = 2 * 16 * 1024;

    /// <param name="fed">Ciphertext at most that is decrypted at once.</param>
    public TunnelBuffers(int fed)
    {
        PlainSize = fed + Slack;
        Plain = (byte*)NativeMemory.AlignedAlloc((nuint)PlainSize, 4096);
        Ciphertext = new TlsOutput(PlainSize);
    }

    public byte* Plain { get; }

    public int PlainSize { get; }

    public TlsOutput Ciphertext { get; }
}
