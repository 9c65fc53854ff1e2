namespace Ztunnel.Config;

/// <summary>A pod as the environment names it: what this instance serves (dedicated) or is (shared).</summary>
internal sealed record PodIdentity(string Name, string Namespace, string ServiceAccount);
