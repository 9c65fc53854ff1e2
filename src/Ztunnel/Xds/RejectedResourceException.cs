namespace Ztunnel.Xds;

/// <summary>One resource cannot be used; the message is what the control plane is told (NACK).</summary>
internal sealed class RejectedResourceException(string reason) : Exception(reason);
