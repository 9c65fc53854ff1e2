namespace Ztunnel.State;

/// <summary>How an endpoint of a service is chosen.</summary>
internal sealed class LoadBalancer
{
    public RoutingScope[] RoutingPreferences { get; init; } = [];

    public LoadBalancerMode Mode { get; init; }

    public HealthPolicy HealthPolicy { get; init; }
}
