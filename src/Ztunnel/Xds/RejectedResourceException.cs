namespace Ztunnel.Xds;

/// <summary>One resource cannot be used; the message is what the control plane is told (NACK).</summary>
internal sealed class RejectedResourceException : Exception
{
    public RejectedResourceException(string reason)
        : base(reason)
    {
    }

    private RejectedResourceException(string reason, Exception inner)
        : base(reason, inner) => IsUndecodable = true;

    /// <summary>Its bytes are no such message.</summary>
    public bool IsUndecodable { get; }

    public static RejectedResourceException Undecodable(Exception failure) =>
        new($"decode: {failure.Message}", failure);
}
