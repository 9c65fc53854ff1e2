using Ztunnel.Linux;
using Ztunnel.State;
using Wire = Ztunnel.Protos.Workloads;

namespace Ztunnel.Xds.Readers;

/// <summary>Reads what workloads, services and policies have in common, or refuses the resource.</summary>
internal static class MeshValues
{
    public static InetAddress Address(ReadOnlySpan<byte> bytes) => bytes.Length is 4 or 16
        ? InetAddress.FromBytes(bytes)
        : throw new RejectedResourceException($"failed to parse address, had {bytes.Length} bytes");

    /// <param name="length">Of the prefix.</param>
    public static Cidr Range(InetAddress address, uint length) => length <= address.BitLength
        ? new Cidr(address, (int)length)
        : throw new RejectedResourceException($"invalid cidr: {address}/{length}");

    /// <summary>The wire has 32 bits; what a port cannot be must not become another port by cutting it.</summary>
    public static ushort Port(uint port) => port <= ushort.MaxValue
        ? (ushort)port
        : throw new RejectedResourceException($"invalid port: {port}");

    public static NetworkAddress NetworkAddress(Wire.NetworkAddress address, SharedValues shared) =>
        new(shared.Text(address.Network), Address(address.Address.Span));

    /// <returns>Null for null.</returns>
    public static GatewayAddress? OptionalGateway(Wire.GatewayAddress? gateway, SharedValues shared) =>
        gateway is null ? null : Gateway(gateway, shared);

    // The prefix length that the message could carry means nothing here.
    public static GatewayAddress Gateway(Wire.GatewayAddress gateway, SharedValues shared)
    {
        ushort port = Port(gateway.HboneMtlsPort);
        return gateway.DestinationCase switch
        {
            Wire.GatewayAddress.DestinationOneofCase.Address =>
                shared.Gateway(new GatewayAddress(NetworkAddress(gateway.Address, shared), port)),
            Wire.GatewayAddress.DestinationOneofCase.Hostname => shared.Gateway(new GatewayAddress(
                new NamespacedHostname(
                    shared.Text(gateway.Hostname.Namespace), shared.Text(gateway.Hostname.Hostname)),
                port)),
            _ => throw new RejectedResourceException("nonempty gateway address is missing address"),
        };
    }

    /// <summary>For a number that no name of the enum has.</summary>
    public static RejectedResourceException UnknownValue<T>(T value)
        where T : struct, Enum =>
        new($"decode error: unknown enumeration value {value:D}");
}
