using System.Diagnostics.CodeAnalysis;
using Ztunnel.Linux;

namespace Ztunnel.State;

/// <summary>An address within a network: pods of different networks may share addresses.</summary>
internal readonly record struct NetworkAddress(string Network, InetAddress Address)
{
    /// <summary><c>network/IP</c>; the default network is the empty text, so <c>/10.0.0.1</c>.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out NetworkAddress address)
    {
        int slash = text.IndexOf('/');
        if (slash < 0 || !InetAddress.TryParse(text[(slash + 1)..], out InetAddress ip))
        {
            address = default;
            return false;
        }

        address = new NetworkAddress(text[..slash].ToString(), ip);
        return true;
    }

    public bool Equals(NetworkAddress other) =>
        Address == other.Address && string.Equals(Network, other.Network, StringComparison.Ordinal);

    // The address alone spreads well enough; hashing the network's name would cost every lookup as much again.
    public override int GetHashCode() => Address.GetHashCode();

    public override string ToString() => $"{Network}/{Address}";
}
