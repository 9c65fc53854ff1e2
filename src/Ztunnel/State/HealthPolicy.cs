namespace Ztunnel.State;

/// <summary>Which endpoints of a service may be chosen.</summary>
internal enum HealthPolicy
{
    OnlyHealthy,
    AllowAll,
}
