namespace Ztunnel.InPod;

/// <summary>
/// The node agent broke the order of ZDS: the two sides no longer mean the same thing, and going on could leave pods
/// without their proxy. The process ends, to be started anew.
/// </summary>
internal sealed class ZdsProtocolException(string message) : Exception($"ProtocolError(\"{message}\")");
