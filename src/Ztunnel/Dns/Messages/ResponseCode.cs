namespace Ztunnel.Dns.Messages;

/// <summary>RCODE as far as this proxy gives or reads it (RFC 1035 §4.1.1).</summary>
internal enum ResponseCode
{
    NoError = 0,
    FormatError = 1,
    ServerFailure = 2,
    NameError = 3,
    NotImplemented = 4,
    Refused = 5,
}
