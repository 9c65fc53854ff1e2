namespace Ztunnel.Certificates.Secrets;

/// <summary>A secret cannot be used; the message is the reason the server is told (NACK). It never holds key material.</summary>
internal sealed class SecretException(string message) : Exception(message);
