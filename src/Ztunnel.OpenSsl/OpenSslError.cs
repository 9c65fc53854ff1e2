using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Ztunnel.OpenSsl;

/// <summary>The calling thread's error queue of libcrypto.</summary>
internal static unsafe class OpenSslError
{
    /// <summary>The reason raised last, which is the outermost; leaves the queue empty.</summary>
    public static string Take()
    {
        byte* reason = CryptoCalls.ERR_reason_error_string(CryptoCalls.ERR_peek_last_error());
        string text = reason == null ? "unknown error" : Marshal.PtrToStringUTF8((nint)reason)!;
        CryptoCalls.ERR_clear_error();
        return text;
    }

    /// <exception cref="CryptographicException">What failed, and libcrypto's reason.</exception>
    public static void Require(bool ok, string what)
    {
        if (!ok)
        {
            throw new CryptographicException($"{what}: {Take()}");
        }
    }
}
