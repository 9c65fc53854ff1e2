using Google.Protobuf;

namespace Ztunnel.ControlPlane;

/// <summary>Takes resources of one type off the discovery stream: one call at a time, in the server's order.</summary>
internal interface IResourceHandler
{
    /// <param name="version">As the server numbers it; may be empty.</param>
    /// <param name="value">The bytes inside the resource's Any, whose type is the registered one.</param>
    /// <returns>Null when it was accepted, else why it is refused (NACK); what was known of it stays.</returns>
    string? OnResource(string name, string version, ByteString value);

    /// <summary>The server no longer has it, or never had.</summary>
    void OnRemoved(string name);
}
