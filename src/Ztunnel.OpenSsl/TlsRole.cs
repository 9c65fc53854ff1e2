namespace Ztunnel.OpenSsl;

/// <summary>Which end of the handshake.</summary>
public enum TlsRole
{
    Client,
    Server,
}
