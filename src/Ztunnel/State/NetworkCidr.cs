namespace Ztunnel.State;

/// <summary>A range of addresses within a network that belongs to a service.</summary>
internal readonly record struct NetworkCidr(string Network, Cidr Cidr);
