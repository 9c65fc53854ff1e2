namespace Ztunnel.State;

internal readonly record struct PortMapping(ushort ServicePort, ushort TargetPort);
