using Ztunnel.Linux;

namespace Ztunnel.Load.Generators;

/// <summary>Questions about one name of the mesh over UDP, a number of them on their way at any time.</summary>
internal sealed record DnsLoadOptions(InetEndpoint Target, string Name, int Window, double Seconds)
{
    /// <summary>Before what counts.</summary>
    public double WarmUpSeconds { get; init; } = 0.5;
}
