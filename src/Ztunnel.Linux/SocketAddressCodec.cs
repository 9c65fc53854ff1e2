using System.Buffers.Binary;

namespace Ztunnel.Linux;

/// <summary>sockaddr_in and sockaddr_in6 (ip(7), ipv6(7)): family in host order, everything else in network order.</summary>
internal static class SocketAddressCodec
{
    public const int MaxSize = 28;

    private const int V4Size = 16;
    private const int V6Bytes = 24; // up to the end of the address; the scope id behind it is not read

    public const int AF_INET = 2;
    public const int AF_INET6 = 10;

    /// <summary>The canonical endpoint; the default value for another family and for an address cut short.</summary>
    public static InetEndpoint Read(ReadOnlySpan<byte> address)
    {
        if (address.Length < V4Size)
        {
            return default;
        }

        int family = BitConverter.IsLittleEndian
            ? BinaryPrimitives.ReadUInt16LittleEndian(address)
            : BinaryPrimitives.ReadUInt16BigEndian(address);
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
        return family switch
        {
            AF_INET => new InetEndpoint(InetAddress.FromBytes(address.Slice(4, 4)), port),
            AF_INET6 when address.Length >= V6Bytes => new InetEndpoint(InetAddress.FromBytes(address.Slice(8, 16)).Canonical(), port),
            _ => default,
        };
    }

    /// <summary>Writes the endpoint for a socket of the given family; an IPv4 address on an IPv6 socket is mapped.</summary>
    /// <returns>The length to pass to the kernel.</returns>
    public static int Write(Span<byte> address, InetEndpoint endpoint, bool v6Socket)
    {
        address[..MaxSize].Clear();
        ushort family = (ushort)(v6Socket ? AF_INET6 : AF_INET);
        if (BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(address, family);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(address, family);
        }

        BinaryPrimitives.WriteUInt16BigEndian(address[2..], endpoint.Port);
        if (!v6Socket)
        {
            endpoint.Address.WriteTo(address[4..]);
            return V4Size;
        }

        if (endpoint.Address.IsV6)
        {
            endpoint.Address.WriteTo(address[8..]);
        }
        else if (!endpoint.Address.IsUnspecified)
        {
            address[18] = address[19] = 0xFF;
            endpoint.Address.WriteTo(address[20..]);
        }

        return MaxSize;
    }
}
