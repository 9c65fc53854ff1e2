namespace Ztunnel.Xds;

/// <summary>One resource cannot be used; the message is what the control plane is told (NACK).</summary>
internal sealed class RejectedResourceException : Exception
{
    public RejectedResourceException(string reason)
        : base(reason)
    {
    }

    /// <summary>Its bytes are no such message.</summary>
    public bool IsUndecodable { get; private init; }

    public static RejectedResourceException Undecodable(string trouble) => new($"decode: {trouble}")
    {
        IsUndecodable = true,
    };
}
