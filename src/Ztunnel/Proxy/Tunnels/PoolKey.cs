using Ztunnel.Identity;
using Ztunnel.Linux;

namespace Ztunnel.Proxy.Tunnels;

/// <summary>Connections that may share a tunnel: same caller, same peer and the same idea of who that must be.</summary>
internal readonly struct PoolKey(SpiffeId own, SpiffeId[] expected, InetEndpoint target, InetAddress source)
    : IEquatable<PoolKey>
{
    public SpiffeId Own { get; } = own;

    /// <summary>In order: another order is another list, as in the reference.</summary>
    public SpiffeId[] Expected { get; } = expected;

    public InetEndpoint Target { get; } = target;

    public InetAddress Source { get; } = source;

    public bool Equals(PoolKey other) =>
        Target == other.Target && Source == other.Source && Own == other.Own
        && (ReferenceEquals(Expected, other.Expected) || Expected.AsSpan().SequenceEqual(other.Expected));

    public override bool Equals(object? obj) => obj is PoolKey other && Equals(other);

    // Who is expected follows from the target but for changes of the mesh: hashing texts would tell nothing apart.
    public override int GetHashCode() => HashCode.Combine(Target, Source);
}
