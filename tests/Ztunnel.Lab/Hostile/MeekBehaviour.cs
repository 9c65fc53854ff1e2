namespace Ztunnel.Lab;

/// <summary>What an application that attackers talk to does with a connection.</summary>
internal enum MeekBehaviour
{
    Silent,
    Sink,
    Source,
}
