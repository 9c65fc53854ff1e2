namespace Ztunnel.Hbone;

public enum Http2Role
{
    Client,
    Server,
}
