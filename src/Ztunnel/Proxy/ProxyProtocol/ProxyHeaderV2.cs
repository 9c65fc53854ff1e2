using System.Buffers.Binary;
using System.Text;
using Ztunnel.Linux;

namespace Ztunnel.Proxy.ProxyProtocol;

/// <summary>
/// The PROXY protocol's binary header (version 2): who called whom, and as which identity. Written to the application
/// before the first byte of payload.
/// </summary>
internal static class ProxyHeaderV2
{
    private const byte VersionAndCommand = 0x21; // version 2, PROXY
    private const byte TcpOverV4 = 0x11;
    private const byte TcpOverV6 = 0x21;
    private const byte TcpWithoutAddresses = 0x01; // AF_UNSPEC: the two ends are of different families
    private const byte IdentityTlv = 0xD0; // of the range left to applications; what Istio's waypoints read

    private const int FixedSize = 16; // signature, version, family, length
    private const int TlvHeadSize = 3; // type and length
    private const int MaxAddressBlock = 36;
    private const int MaxIdentity = ushort.MaxValue - MaxAddressBlock - TlvHeadSize;

    private static ReadOnlySpan<byte> Signature =>
        [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    /// <summary>Bytes that <see cref="Write"/> needs for the same arguments.</summary>
    public static int Size(InetEndpoint source, InetEndpoint destination, string? spiffeId) =>
        FixedSize + AddressBlockSize(source.Address, destination.Address) + TlvSize(spiffeId);

    /// <param name="into">At least <see cref="Size"/> bytes.</param>
    /// <returns>How many bytes were written.</returns>
    public static int Write(Span<byte> into, InetEndpoint source, InetEndpoint destination, string? spiffeId)
    {
        int addresses = AddressBlockSize(source.Address, destination.Address);
        int tlv = TlvSize(spiffeId);
        Signature.CopyTo(into);
        into[12] = VersionAndCommand;
        into[13] = addresses switch
        {
            0 => TcpWithoutAddresses,
            12 => TcpOverV4,
            _ => TcpOverV6,
        };
        BinaryPrimitives.WriteUInt16BigEndian(into[14..], (ushort)(addresses + tlv));
        if (addresses > 0)
        {
            WriteAddresses(into.Slice(FixedSize, addresses), source, destination);
        }

        if (tlv > 0)
        {
            WriteIdentity(into.Slice(FixedSize + addresses, tlv), spiffeId);
        }

        return FixedSize + addresses + tlv;
    }

    private static int AddressBlockSize(InetAddress source, InetAddress destination) =>
        source.IsV6 != destination.IsV6 ? 0 : source.IsV6 ? MaxAddressBlock : 12;

    /// <summary>An id beyond the 16-bit length is left out altogether: cut, it would name somebody else.</summary>
    private static int TlvSize(string? spiffeId)
    {
        int length = spiffeId is null ? 0 : Encoding.UTF8.GetByteCount(spiffeId);
        return spiffeId is null || length > MaxIdentity ? 0 : TlvHeadSize + length;
    }

    private static void WriteAddresses(Span<byte> block, InetEndpoint source, InetEndpoint destination)
    {
        int written = source.Address.WriteTo(block);
        written += destination.Address.WriteTo(block[written..]);
        BinaryPrimitives.WriteUInt16BigEndian(block[written..], source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(block[(written + 2)..], destination.Port);
    }

    private static void WriteIdentity(Span<byte> tlv, string? spiffeId)
    {
        tlv[0] = IdentityTlv;
        int length = Encoding.UTF8.GetBytes(spiffeId, tlv[TlvHeadSize..]);
        BinaryPrimitives.WriteUInt16BigEndian(tlv[1..], (ushort)length);
    }
}
