using Ztunnel.Linux;

namespace Ztunnel.Admin;

/// <summary>
/// Where the three servers listen. Several addresses stand for one name, such as localhost in both families.
/// </summary>
internal sealed record AdminOptions
{
    public required IReadOnlyList<InetEndpoint> Admin { get; init; }

    public required IReadOnlyList<InetEndpoint> Stats { get; init; }

    public required IReadOnlyList<InetEndpoint> Readiness { get; init; }

    /// <summary>
    /// How long a client may take to send its request's head. A client that says nothing holds a connection and a
    /// buffer; nothing we serve needs longer than a round trip.
    /// </summary>
    public TimeSpan HeadTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest head, in bytes; a longer one is answered 431.</summary>
    public int MaxHeadSize { get; init; } = 8 * 1024;
}
