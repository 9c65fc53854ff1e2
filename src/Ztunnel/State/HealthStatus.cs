namespace Ztunnel.State;

internal enum HealthStatus
{
    Healthy,
    Unhealthy,
}
