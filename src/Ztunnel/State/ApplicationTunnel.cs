namespace Ztunnel.State;

/// <summary>How the application behind the proxy wants its tunnelled connections.</summary>
/// <param name="Port">Replaces the target port; null leaves it.</param>
internal sealed record ApplicationTunnel(ApplicationTunnelProtocol Protocol, ushort? Port);
