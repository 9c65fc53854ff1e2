using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Ztunnel.Linux;

/// <summary>
/// The environment as C libraries read it (setenv(3)). <see cref="Environment.SetEnvironmentVariable(string, string)"/>
/// changes a copy that they never see.
/// </summary>
public static partial class ProcessEnvironment
{
    /// <summary>To be called while no other thread reads the environment: at start.</summary>
    /// <exception cref="Win32Exception">Carries errno.</exception>
    public static void Set(string name, string value)
    {
        if (setenv(name, value, overwrite: 1) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
