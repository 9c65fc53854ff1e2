using System.Globalization;
using Ztunnel.Linux;

namespace Ztunnel.Load.Mesh;

/// <summary>Descriptors for a process that has to hold many connections, where the machine gives too few.</summary>
internal static class DescriptorAllowance
{
    private const int Others = 1_000; // listeners, epoll sets, files, tunnels

    /// <returns>What to put in front of its command.</returns>
    public static IReadOnlyList<string> For(int connections) =>
        Wrapper(DescriptorLimit.Read().Hard, connections);

    internal static IReadOnlyList<string> Wrapper(ulong limit, int connections)
    {
        ulong wanted = (ulong)connections + Others;
        return limit >= wanted
            ? []
            : ["prlimit", string.Create(CultureInfo.InvariantCulture, $"--nofile={wanted}"), "--"];
    }
}
