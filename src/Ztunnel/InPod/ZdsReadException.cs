namespace Ztunnel.InPod;

/// <summary>A packet of the node agent could not be read: it is told so, and the connection starts anew.</summary>
internal sealed class ZdsReadException(string message) : Exception(message);
