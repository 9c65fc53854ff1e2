namespace Ztunnel.ControlPlane;

/// <summary>
/// The control plane cannot even be called, for a reason on this node: roots, token, address. The caller says what it
/// wanted to do.
/// </summary>
internal sealed class ControlPlaneException : Exception
{
    public ControlPlaneException(string message)
        : base(message)
    {
    }

    public ControlPlaneException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
