namespace Ztunnel.Dns.Messages;

/// <summary>The second word of a header, bit by bit (RFC 1035 §4.1.1, RFC 4035 §3).</summary>
[Flags]
internal enum DnsFlags : ushort
{
    None = 0,

    /// <summary>QR</summary>
    Response = 0x8000,

    /// <summary>Four bits; all zero is QUERY.</summary>
    Opcode = 0x7800,

    /// <summary>AA</summary>
    Authoritative = 0x0400,

    /// <summary>TC</summary>
    Truncated = 0x0200,

    /// <summary>RD</summary>
    RecursionDesired = 0x0100,

    /// <summary>RA</summary>
    RecursionAvailable = 0x0080,

    /// <summary>AD</summary>
    AuthenticData = 0x0020,

    /// <summary>CD</summary>
    CheckingDisabled = 0x0010,

    /// <summary>Four bits: the <see cref="ResponseCode"/>.</summary>
    Code = 0x000F,

    /// <summary>What an answer takes over from its query.</summary>
    Copied = Opcode | RecursionDesired | CheckingDisabled,
}
