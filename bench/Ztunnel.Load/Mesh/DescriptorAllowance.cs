using System.Globalization;
using Ztunnel.Lab;
using Ztunnel.Linux;

namespace Ztunnel.Load.Mesh;

/// <summary>Descriptors for a process that has to hold many connections, where the machine gives too few.</summary>
internal static class DescriptorAllowance
{
    private const int Others = 1_000; // listeners, epoll sets, files, tunnels

    /// <returns>What to put in front of its command.</returns>
    public static IReadOnlyList<string> For(int connections) =>
        Wrapper(DescriptorLimit.Read().Hard, connections);

    /// <summary>How many of the connections wanted can be held: fewer where the limit is low and may not be raised.</summary>
    /// <param name="each">Descriptors a proxy needs for one.</param>
    public static async Task<int> HoldableAsync(int connections, int each)
    {
        IReadOnlyList<string> wrapper = For(connections * each);
        if (wrapper.Count == 0 || (await Shell.TryRunAsync(wrapper[0], [.. wrapper.Skip(1), "true"])).ExitCode == 0)
        {
            return connections;
        }

        return Holdable(DescriptorLimit.Read().Hard, each);
    }

    internal static int Holdable(ulong limit, int each) => Math.Max(1, ((int)limit - Others) / each);

    internal static IReadOnlyList<string> Wrapper(ulong limit, int connections)
    {
        ulong wanted = (ulong)connections + Others;
        return limit >= wanted
            ? []
            : ["prlimit", string.Create(CultureInfo.InvariantCulture, $"--nofile={wanted}"), "--"];
    }
}
