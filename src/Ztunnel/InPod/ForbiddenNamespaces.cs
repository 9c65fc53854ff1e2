using Ztunnel.Linux;

namespace Ztunnel.InPod;

/// <summary>
/// Namespaces no pod may name as its own: listeners in them would capture the proxy's or the node's traffic.
/// </summary>
internal sealed class ForbiddenNamespaces(IReadOnlyList<(NamespaceId Id, string Name)> namespaces)
{
    /// <summary>
    /// That of this process, and that of process 1: the host's, where this process can see the host's processes.
    /// </summary>
    public static ForbiddenNamespaces OfProcess()
    {
        List<(NamespaceId, string)> namespaces = [];
        using (NetworkNamespace own = NetworkNamespace.Current())
        {
            namespaces.Add((own.Id, "the proxy's own network namespace"));
        }

        try
        {
            using NetworkNamespace host = NetworkNamespace.Open("/proc/1/ns/net");
            namespaces.Add((host.Id, "the host's network namespace"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without the right to look at process 1 there is nothing to compare with.
        }

        return new ForbiddenNamespaces(namespaces);
    }

    /// <returns>Whose it is, or null if a pod may have it.</returns>
    public string? Find(NamespaceId id)
    {
        foreach ((NamespaceId forbidden, string name) in namespaces)
        {
            if (forbidden == id)
            {
                return name;
            }
        }

        return null;
    }
}
