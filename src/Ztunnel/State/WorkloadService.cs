namespace Ztunnel.State;

/// <summary>A service that a workload says it serves, and on which of its ports.</summary>
internal sealed record WorkloadService(NamespacedHostname Name, PortMap Ports);
