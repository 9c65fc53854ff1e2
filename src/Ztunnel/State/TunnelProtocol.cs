namespace Ztunnel.State;

/// <summary>How a workload is reached.</summary>
internal enum TunnelProtocol
{
    Tcp,
    Hbone,
}
