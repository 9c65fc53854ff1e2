using Microsoft.Win32.SafeHandles;

namespace Ztunnel.NodeTests.InPod;

/// <summary>A fact that needs to see the network namespace of process 1: in some sandboxes not even root may.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class HostNamespaceFactAttribute : FactAttribute
{
    public const string Path = "/proc/1/ns/net";

    public HostNamespaceFactAttribute()
    {
        try
        {
            using SafeFileHandle host = File.OpenHandle(Path);
        }
        catch (Exception unseen) when (unseen is IOException or UnauthorizedAccessException)
        {
            Skip = $"{Path}: {unseen.Message}";
        }
    }
}
