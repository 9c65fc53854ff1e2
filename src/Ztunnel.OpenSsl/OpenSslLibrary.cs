using System.Runtime.InteropServices;

namespace Ztunnel.OpenSsl;

/// <summary>The system's libssl and libcrypto; asked for at start, so nothing fails later for want of them.</summary>
public static unsafe class OpenSslLibrary
{
    private const int OPENSSL_VERSION = 0;

    // Null: it started. The reason is kept, because libcrypto tells it only to the thread that was first.
    private static readonly string? s_trouble = SslCalls.OPENSSL_init_ssl(
        // Without it, libcrypto tears itself down in exit() while workers are still inside it.
        SslCalls.OPENSSL_INIT_NO_ATEXIT, 0) == 1 ? null : OpenSslError.Take();

    /// <summary>As the library says it: <c>OpenSSL 3.0.22 25 Aug 2026</c>.</summary>
    public static string Version => Marshal.PtrToStringUTF8((nint)CryptoCalls.OpenSSL_version(OPENSSL_VERSION))!;

    /// <exception cref="OpenSslMissingException">With the line to print.</exception>
    public static void Require()
    {
        foreach (string library in (string[])[CryptoCalls.Library, SslCalls.Library])
        {
            Require(library);
        }

        Initialize();
    }

    /// <summary>Whether the library knows a key exchange, by its TLS name.</summary>
    public static bool HasGroup(string name) => TlsContext.KnowsGroup(name);

    /// <param name="library">By its soname, which carries the major version: any 3.x answers to it.</param>
    internal static void Require(string library)
    {
        if (NativeLibrary.TryLoad(library, out _)) // never unloaded
        {
            return;
        }

        string old = NativeLibrary.TryLoad(library.Replace(".so.3", ".so.1.1", StringComparison.Ordinal), out _)
            ? "only OpenSSL 1.1 is there"
            : "it is not there or not for this machine";
        throw new OpenSslMissingException(
            $"cannot load {library}: {old}; TLS needs the system's OpenSSL 3.0 to 3.5, so install it "
            + "(Debian, Ubuntu: libssl3 or libssl3t64; Fedora, RHEL: openssl-libs; Alpine: libssl3)");
    }

    /// <summary>Before the first use of anything else in it.</summary>
    internal static void Initialize()
    {
        if (s_trouble is not null)
        {
            throw new OpenSslMissingException($"{Version} does not start: {s_trouble}");
        }
    }
}
