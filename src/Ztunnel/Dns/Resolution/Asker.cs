namespace Ztunnel.Dns.Resolution;

/// <summary>Who asks, as far as answers depend on it: always the pod of the listener, whatever its packets say.</summary>
internal sealed record Asker(string Network, SearchScope Scope);
