namespace Ztunnel.State;

/// <summary>One of several waypoints of a service, chosen per connection by weight; weight 0 is never chosen.</summary>
internal sealed record WeightedWaypoint(GatewayAddress Destination, uint Weight);
