using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Ztunnel.Dns.Forwarding;

/// <summary>
/// Ids that nobody can guess (RFC 5452 §9.2), drawn from the system's generator some hundred at a time.
/// </summary>
internal sealed class RandomIds
{
    private readonly byte[] _drawn = new byte[512];
    private int _used = 512;

    public ushort Next()
    {
        if (_used == _drawn.Length)
        {
            RandomNumberGenerator.Fill(_drawn);
            _used = 0;
        }

        ushort id = BinaryPrimitives.ReadUInt16BigEndian(_drawn.AsSpan(_used));
        _used += sizeof(ushort);
        return id;
    }
}
