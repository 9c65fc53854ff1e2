namespace Ztunnel.InPod;

/// <summary>A pod's proxy could not be started; it stays pending.</summary>
internal sealed class PodStartException(string message, Exception? inner = null) : Exception(message, inner);
