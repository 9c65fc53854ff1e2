using Ztunnel.Lab;

namespace Ztunnel.NodeTests.ControlPlane;

/// <summary>A fact about another implementation.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PeerFactAttribute : FactAttribute
{
    public PeerFactAttribute()
    {
        if (ZtunnelBinary.Peer is null)
        {
            Skip = "ZTUNNEL_PEER names no other implementation";
        }
    }
}
