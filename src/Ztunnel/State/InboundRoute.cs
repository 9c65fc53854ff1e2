using Ztunnel.Linux;

namespace Ztunnel.State;

/// <summary>Where an accepted request goes within its pod.</summary>
/// <param name="Target">The application: the pod's own address, the port after every mapping.</param>
/// <param name="WritesProxyHeader">The application wants a PROXY protocol header first.</param>
/// <param name="ProxyDestination">What that header names as destination; set whenever it is written.</param>
/// <param name="NamedService">The service, if the request named one; otherwise the workload's own come into question.</param>
internal sealed record InboundRoute(
    InetEndpoint Target, bool WritesProxyHeader, InetEndpoint ProxyDestination, Service? NamedService);
