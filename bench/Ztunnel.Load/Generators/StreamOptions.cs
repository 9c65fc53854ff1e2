using Ztunnel.Linux;

namespace Ztunnel.Load.Generators;

/// <summary>As many bytes as go through, on a few connections.</summary>
/// <param name="IsReverse">The server sends: the target is its source, not its sink.</param>
internal sealed record StreamOptions(InetEndpoint Target, int Streams, double Seconds, bool IsReverse)
{
    public int Threads { get; init; } = LoadThreads.Suitable;
}
