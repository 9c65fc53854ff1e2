namespace Ztunnel.Lab;

/// <summary>
/// Runs a program with another directory as its root file system, for the libraries that are there. In a mount
/// namespace of its own: what it needs from outside is mounted for it alone, and nothing is left when it ends.
/// </summary>
internal static class ProcessRoot
{
    // The program's whole directory, for what may lie beside it. Under /tmp: a temporary file system there takes the
    // mount points without changing the root.
    private const string Script = """
        set -e
        root=$1 folder=$2 program=$3
        shift 3
        mount -t tmpfs tmpfs "$root/tmp"
        mkdir -p "$root$folder" "$root/tmp/program"
        mount --bind "$folder" "$root$folder"
        mount --bind "$(dirname "$program")" "$root/tmp/program"
        for kernel in proc sys dev; do
            mount --rbind "/$kernel" "$root/$kernel"
        done
        exec chroot "$root" "/tmp/program/$(basename "$program")" "$@"
        """;

    /// <param name="folder">Seen under the same path inside.</param>
    public static string[] Command(string root, string folder, string program) =>
    [
        "unshare", "--mount", "--", "sh", "-c", Script, "in-root",
        Path.GetFullPath(root), folder, Path.GetFullPath(program),
    ];
}
