namespace Ztunnel.Certificates.Secrets;

/// <summary>The resource type of secrets (envoy, extensions/transport_sockets/tls/v3/secret.proto).</summary>
internal static class SecretType
{
    public const string Url = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";
}
