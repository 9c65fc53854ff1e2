using System.Runtime.InteropServices;

namespace Ztunnel.OpenSsl;

/// <summary>The libcrypto functions behind <see cref="EvpKey"/>; present from 3.0 on.</summary>
public sealed unsafe partial class EvpKey
{
    [LibraryImport(Crypto, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint EVP_PKEY_CTX_new_from_name(nint library, string name, nint properties);

    [LibraryImport(Crypto)]
    private static partial void EVP_PKEY_CTX_free(nint context);

    [LibraryImport(Crypto)]
    private static partial int EVP_PKEY_keygen_init(nint context);

    [LibraryImport(Crypto, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int EVP_PKEY_CTX_set_group_name(nint context, string name);

    [LibraryImport(Crypto)]
    private static partial int EVP_PKEY_generate(nint context, nint* key);

    [LibraryImport(Crypto)]
    private static partial void EVP_PKEY_free(nint key);

    [LibraryImport(Crypto)]
    private static partial int EVP_PKEY_up_ref(EvpKey key);

    [LibraryImport(Crypto)]
    private static partial int i2d_PUBKEY(EvpKey key, byte** into);

    [LibraryImport(Crypto)]
    private static partial nint BIO_new_fd(int fd, int close);

    [LibraryImport(Crypto)]
    private static partial nint BIO_new_mem_buf(byte* start, int length);

    [LibraryImport(Crypto)]
    private static partial int BIO_free(nint bio);

    [LibraryImport(Crypto)]
    private static partial nint PEM_read_bio_PrivateKey(nint bio, nint into, nint callback, nint argument);

    [LibraryImport(Crypto)]
    private static partial int PEM_write_bio_PKCS8PrivateKey(
        nint bio, EvpKey key, nint cipher, nint password, int passwordLength, nint callback, nint argument);

    [LibraryImport(Crypto)]
    private static partial nint EVP_MD_CTX_new();

    [LibraryImport(Crypto)]
    private static partial void EVP_MD_CTX_free(nint context);

    [LibraryImport(Crypto)]
    private static partial nint EVP_sha256();

    [LibraryImport(Crypto)]
    private static partial int EVP_DigestSignInit(nint context, nint keyContext, nint digest, nint engine, EvpKey key);

    [LibraryImport(Crypto)]
    private static partial int EVP_DigestSign(
        nint context, byte* signature, nuint* signatureLength, byte* data, nuint length);

    [LibraryImport(Crypto)]
    private static partial nuint ERR_get_error();

    [LibraryImport(Crypto)]
    private static partial void ERR_clear_error();

    [LibraryImport(Crypto)]
    private static partial void ERR_error_string_n(nuint error, byte* into, nuint length);
}
