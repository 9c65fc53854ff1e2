using System.Runtime.InteropServices;

namespace Ztunnel.Lab;

/// <summary>Which programs are under test.</summary>
public static class ZtunnelBinary
{
    /// <summary><c>ZTUNNEL_BIN</c>, or what <c>make publish</c> left.</summary>
    public static string Ours => Environment.GetEnvironmentVariable("ZTUNNEL_BIN") is { Length: > 0 } path
        ? Existing(Path.GetFullPath(path, RepositoryRoot()))
        : Existing(Path.Combine(RepositoryRoot(), "out", Platform, "ztunnel"));

    /// <summary><c>ZTUNNEL_PEER</c>: another implementation, for mixed meshes. Null if there is none.</summary>
    public static string? Peer => Environment.GetEnvironmentVariable("ZTUNNEL_PEER") is { Length: > 0 } path
        ? Existing(path)
        : null;

    // By architecture: the runtime identifier of a distribution's own SDK may name the distribution.
    private static string Platform => $"linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

    private static string Existing(string path) =>
        File.Exists(path) ? path : throw new LabException($"{path} is not there: make publish, or set ZTUNNEL_BIN");

    private static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Ztunnel.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? Environment.CurrentDirectory;
    }
}
