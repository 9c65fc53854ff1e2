namespace Ztunnel.State;

/// <summary>An endpoint as something that may fail: one port of one workload.</summary>
internal readonly record struct EndpointKey(string WorkloadUid, ushort Port);
