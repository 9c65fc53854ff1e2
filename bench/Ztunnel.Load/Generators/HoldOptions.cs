using Ztunnel.Linux;

namespace Ztunnel.Load.Generators;

/// <summary>Many connections that are opened, used once, kept, and used once more.</summary>
internal sealed record HoldOptions(InetEndpoint Target, int Connections)
{
    /// <summary>Connects and answers outstanding at any time.</summary>
    public int Concurrency { get; init; } = 256;

    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(2);
}
