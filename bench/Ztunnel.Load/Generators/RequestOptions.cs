using Ztunnel.Linux;

namespace Ztunnel.Load.Generators;

/// <summary>One request after the other on each of many connections.</summary>
/// <param name="Size">Bytes of a request and of its answer.</param>
/// <param name="Reconnects">Every request has a connection of its own.</param>
internal sealed record RequestOptions(InetEndpoint Target, int Connections, int Size, double Seconds, bool Reconnects)
{
    public int Threads { get; init; } = LoadThreads.Suitable;

    /// <summary>Before what counts: connections and tunnels are opened, our own code is compiled.</summary>
    public double WarmUpSeconds { get; init; } = 0.5;
}
