using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Ztunnel.OpenSsl;

/// <summary>
/// A BIO without a socket: reads from the window its session was fed, appends to the output of the running call.
/// Callbacks are plain functions, so there is no delegate to keep alive, and none lets an exception into libssl.
/// </summary>
internal static unsafe class TlsBio
{
    private static readonly nint s_method = CreateMethod();

    /// <exception cref="CryptographicException">Out of memory.</exception>
    public static nint Create(TlsWire* wire)
    {
        nint bio = CryptoCalls.BIO_new(s_method);
        OpenSslError.Require(bio != 0, "BIO_new");
        CryptoCalls.BIO_set_data(bio, wire);
        // Said once and true whenever it is asked: a read fails only for want of input, and a write never does.
        CryptoCalls.BIO_set_flags(bio, CryptoCalls.BIO_FLAGS_READ | CryptoCalls.BIO_FLAGS_SHOULD_RETRY);
        CryptoCalls.BIO_set_init(bio, 1);
        return bio;
    }

    private static nint CreateMethod()
    {
        OpenSslLibrary.Initialize();
        nint method = CryptoCalls.BIO_meth_new(
            CryptoCalls.BIO_get_new_index() | CryptoCalls.BIO_TYPE_SOURCE_SINK, "ztunnel");
        OpenSslError.Require(
            method != 0
                && CryptoCalls.BIO_meth_set_read_ex(method, &Read) == 1
                && CryptoCalls.BIO_meth_set_write_ex(method, &Write) == 1
                && CryptoCalls.BIO_meth_set_ctrl(method, &Control) == 1,
            "BIO_meth_new");
        return method; // for the life of the process
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Read(nint bio, byte* into, nuint length, nuint* read)
    {
        TlsWire* wire = (TlsWire*)CryptoCalls.BIO_get_data(bio);
        nuint count = Math.Min(length, (nuint)wire->InputLength);
        wire->IsStarved = count == 0 || wire->ReadsLeft == 0;
        if (wire->IsStarved)
        {
            *read = 0;
            return -1;
        }

        *read = count;
        wire->ReadsLeft--;

        NativeMemory.Copy(wire->Input, into, count);
        wire->Input += count;
        wire->InputLength -= (int)count;
        return 1;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(nint bio, byte* from, nuint length, nuint* written)
    {
        *written = 0;
        TlsWire* wire = (TlsWire*)CryptoCalls.BIO_get_data(bio);
        if (wire->Output == null)
        {
            return -1; // libssl writes only when called, and every call of ours brings its output
        }

        try
        {
            wire->Output->Append(from, (int)length);
        }
        catch (OutOfMemoryException)
        {
            wire->IsOutOfMemory = true;
            return -1;
        }

        *written = length;
        return 1;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Control(nint bio, int command, nint number, void* argument) =>
        command == CryptoCalls.BIO_CTRL_FLUSH ? 1 : 0;
}
