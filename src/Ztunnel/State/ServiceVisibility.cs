namespace Ztunnel.State;

internal enum ServiceVisibility
{
    Public,

    /// <summary>Only clients of the service's own namespace find it.</summary>
    Namespace,
}
