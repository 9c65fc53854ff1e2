namespace Ztunnel.Dns.Messages;

/// <summary>What a query's OPT record says (RFC 6891 §6.1.3); the default value is a query without one.</summary>
internal readonly record struct Edns(bool IsPresent, ushort PayloadSize, byte Version, bool DnssecOk)
{
    /// <summary>Root name, type, class, TTL, length: an OPT without options.</summary>
    public const int RecordSize = 11;

    /// <summary>What every DNS client must take over UDP, and all that one without OPT says it takes (RFC 1035 §4.2.1).</summary>
    public const int MinPayloadSize = 512;

    /// <summary>Largest answer over UDP; smaller sizes mean 512 (RFC 6891 §6.2.3).</summary>
    public int Limit => Math.Max(MinPayloadSize, (int)PayloadSize);
}
