namespace Ztunnel.Load.Scale;

/// <summary>What one change of a mesh takes, in the median.</summary>
/// <param name="Milliseconds">From the control plane to the proxy's answer.</param>
/// <param name="CpuMicroseconds">The proxy's, for each; of the turns.</param>
internal sealed record ChangeFigures(double Milliseconds, double CpuMicroseconds);
