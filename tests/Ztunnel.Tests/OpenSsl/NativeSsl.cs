using System.Runtime.InteropServices;
using Ztunnel.OpenSsl;

namespace Ztunnel.Tests.OpenSsl;

/// <summary>What a peer may do and our sessions never do.</summary>
internal static unsafe partial class NativeSsl
{
    /// <summary>Records with one KeyUpdate each, and no data between them.</summary>
    public static byte[] KeyUpdates(TlsSession session, int count, bool isAnswerWanted)
    {
        nint ssl = session.DangerousGetHandle();
        nint memory = BIO_new(BIO_s_mem());
        nint ours = SSL_get_wbio(ssl);
        BIO_up_ref(ours);
        SSL_set0_wbio(ssl, memory);
        byte[] records = new byte[count * 64];
        int length = 0;
        fixed (byte* into = records)
        {
            for (int sent = 0; sent < count; sent++)
            {
                Assert.Equal(1, SSL_key_update(ssl, isAnswerWanted ? 1 : 0));
                Assert.Equal(1, SSL_do_handshake(ssl));
                length += BIO_read(memory, into + length, records.Length - length);
            }
        }

        SSL_set0_wbio(ssl, ours);
        return records[..length];
    }

    [LibraryImport("libcrypto.so.3")]
    private static partial nint BIO_s_mem();

    [LibraryImport("libcrypto.so.3")]
    private static partial nint BIO_new(nint method);

    [LibraryImport("libcrypto.so.3")]
    private static partial int BIO_up_ref(nint bio);

    [LibraryImport("libcrypto.so.3")]
    private static partial int BIO_read(nint bio, byte* into, int length);

    [LibraryImport("libssl.so.3")]
    private static partial nint SSL_get_wbio(nint ssl);

    [LibraryImport("libssl.so.3")]
    private static partial void SSL_set0_wbio(nint ssl, nint bio);

    [LibraryImport("libssl.so.3")]
    private static partial int SSL_key_update(nint ssl, int type);

    [LibraryImport("libssl.so.3")]
    private static partial int SSL_do_handshake(nint ssl);
}
