namespace Ztunnel.Hbone;

internal enum KeepAliveAction
{
    None,
    SendPing,
    GiveUp,
}
