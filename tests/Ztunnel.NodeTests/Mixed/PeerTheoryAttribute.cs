using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Mixed;

/// <summary>A theory that needs another implementation beside ours.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PeerTheoryAttribute : TheoryAttribute
{
    public PeerTheoryAttribute()
    {
        if (ZtunnelBinary.Peer is null)
        {
            Skip = "ZTUNNEL_PEER names no other implementation";
        }
    }
}
