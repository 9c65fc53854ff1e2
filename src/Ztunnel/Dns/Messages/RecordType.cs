namespace Ztunnel.Dns.Messages;

/// <summary>Types of records and questions (IANA DNS parameters), and how metrics and log call them.</summary>
internal static class RecordType
{
    public const ushort A = 1;
    public const ushort CanonicalName = 5;
    public const ushort Aaaa = 28;
    public const ushort Options = 41;

    /// <summary>For every type without a name of its own: whoever asks for numbers must not make series of them.</summary>
    public const string Unknown = "unknown";

    /// <summary>In lower case, as metrics have it.</summary>
    public static string NameOf(ushort type) => type switch
    {
        A => "a",
        2 => "ns",
        CanonicalName => "cname",
        6 => "soa",
        10 => "null",
        12 => "ptr",
        13 => "hinfo",
        15 => "mx",
        16 => "txt",
        24 => "sig",
        25 => "key",
        Aaaa => "aaaa",
        33 => "srv",
        35 => "naptr",
        37 => "cert",
        39 => "dname",
        Options => "opt",
        43 => "ds",
        44 => "sshfp",
        46 => "rrsig",
        47 => "nsec",
        48 => "dnskey",
        50 => "nsec3",
        51 => "nsec3param",
        52 => "tlsa",
        53 => "smimea",
        59 => "cds",
        60 => "cdnskey",
        61 => "openpgpkey",
        62 => "csync",
        64 => "svcb",
        65 => "https",
        250 => "tsig",
        251 => "ixfr",
        252 => "axfr",
        255 => "any",
        257 => "caa",
        _ => Unknown,
    };
}
