namespace Ztunnel.State;

/// <summary>A service account of any trust domain.</summary>
internal readonly record struct ServiceAccountMatch(string Namespace, string ServiceAccount);
