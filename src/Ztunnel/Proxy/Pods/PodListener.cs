using Ztunnel.Linux;

namespace Ztunnel.Proxy.Pods;

/// <summary>A bound listener and what becomes of its connections.</summary>
/// <param name="Component">As logs call it: inbound, inbound plaintext, outbound, socks5.</param>
internal sealed record PodListener(
    TcpSocket Socket, string Component, Action<PodWorker, TcpSocket, InetEndpoint> Accepted);
