namespace Ztunnel.State;

/// <summary>Which of an endpoint's addresses a service may use.</summary>
internal enum IpFamilies
{
    Automatic,
    IPv4,
    IPv6,
    Dual,
}
