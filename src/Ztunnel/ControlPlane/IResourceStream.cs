namespace Ztunnel.ControlPlane;

/// <summary>
/// Resources asked for by name on the discovery stream, beside the mesh's own types. Declared down here so that what
/// needs such resources and what speaks the protocol, neighbours above, need not know each other.
/// </summary>
internal interface IResourceStream
{
    /// <summary>Before the client starts; one handler a type.</summary>
    void Register(string typeUrl, IResourceHandler handler);

    /// <summary>From any thread; kept over reconnects until <see cref="Unsubscribe"/>.</summary>
    void Subscribe(string typeUrl, string name);

    /// <summary>From any thread; a name that was not subscribed to changes nothing.</summary>
    void Unsubscribe(string typeUrl, string name);
}
