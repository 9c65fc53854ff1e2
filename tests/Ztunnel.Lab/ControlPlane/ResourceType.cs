namespace Ztunnel.Lab;

/// <summary>Type URLs of what the control plane serves.</summary>
public static class ResourceType
{
    public const string Address = "type.googleapis.com/istio.workload.Address";
    public const string Authorization = "type.googleapis.com/istio.security.Authorization";
    public const string Secret = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";

    /// <summary>Pushes go out type by type in this order, as istiod sends them; other types follow.</summary>
    public static int OrderOf(string typeUrl) => typeUrl switch
    {
        Address => 0,
        Authorization => 1,
        _ => 2,
    };
}
