using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Ztunnel.Tests.InPod;

/// <summary>
/// A network namespace other than ours, held by a child in a user namespace of its own, so that no root is needed.
/// </summary>
internal sealed class TestNamespace : IDisposable
{
    private readonly Process _holder;

    public TestNamespace()
    {
        ProcessStartInfo start = new("unshare", ["--user", "--map-root-user", "--net", "sh", "-c", "echo up; cat"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        _holder = Process.Start(start)!;
        Assert.Equal("up", _holder.StandardOutput.ReadLine()); // it is in its namespace now
    }

    public static SafeFileHandle OpenOwn() => File.OpenHandle("/proc/self/ns/net");

    /// <summary>How many descriptors of it this process holds.</summary>
    public int CountOpen()
    {
        string name = LinkOf($"/proc/{_holder.Id}/ns/net")!; // net:[inode]
        return Directory.EnumerateFiles("/proc/self/fd").Count(path => LinkOf(path) == name);
    }

    public SafeFileHandle Open() => File.OpenHandle($"/proc/{_holder.Id}/ns/net");

    /// <summary>Nothing is left in the namespace; whoever holds a descriptor of it still has it.</summary>
    public void Dispose()
    {
        _holder.StandardInput.Close();
        _holder.WaitForExit();
        _holder.Dispose();
    }

    private static string? LinkOf(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: false)?.Name;
        }
        catch (IOException)
        {
            return null; // closed meanwhile
        }
    }
}
