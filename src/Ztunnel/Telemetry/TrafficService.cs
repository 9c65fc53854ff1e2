namespace Ztunnel.Telemetry;

/// <summary>The service a connection was meant for: labels <c>destination_service*</c>.</summary>
internal sealed record TrafficService(string Hostname, string Namespace, string Name)
{
    private int _hash;

    /// <summary>
    /// No service: all three labels are <c>unknown</c>, and the access log has no <c>dst.service</c>.
    /// </summary>
    public static TrafficService None { get; } =
        new(TrafficPeer.UnknownText, TrafficPeer.UnknownText, TrafficPeer.UnknownText);

    public bool Equals(TrafficService? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Hostname == other.Hostname && Namespace == other.Namespace && Name == other.Name);

    public override int GetHashCode()
    {
        if (_hash == 0)
        {
            _hash = HashCode.Combine(Hostname, Namespace, Name) | 1;
        }

        return _hash;
    }
}
