using System.Runtime.InteropServices;

namespace Ztunnel.OpenSsl;

/// <summary>The functions of libcrypto in use for sessions: BIOs, certificates, errors; all from 3.0 on.</summary>
internal static unsafe partial class CryptoCalls
{
    public const string Library = "libcrypto.so.3";

    public const int BIO_TYPE_SOURCE_SINK = 0x0400;
    public const int BIO_FLAGS_READ = 0x01;
    public const int BIO_FLAGS_SHOULD_RETRY = 0x08;
    public const int BIO_CTRL_FLUSH = 11;

    public const int X509_V_OK = 0;
    public const int X509_V_ERR_UNSPECIFIED = 1;
    public const int X509_V_ERR_CRL_SIGNATURE_FAILURE = 8;
    public const int X509_V_ERR_CERT_NOT_YET_VALID = 9;
    public const int X509_V_ERR_CERT_HAS_EXPIRED = 10;
    public const int X509_V_ERR_CERT_REVOKED = 23;
    public const int X509_V_ERR_PERMITTED_VIOLATION = 47;
    public const int X509_V_ERR_INVALID_CA = 79;
    public const nuint X509_V_FLAG_PARTIAL_CHAIN = 0x8_0000;

    /// <summary>Of X509_CRL_get0_by_cert: there is an entry; 2 would be one that takes another back.</summary>
    public const int RevokedEntry = 1;

    public const int NID_subject_alt_name = 85;
    public const int GEN_URI = 6;

    [LibraryImport(Library)]
    public static partial byte* OpenSSL_version(int part);

    [LibraryImport(Library)]
    public static partial uint OPENSSL_version_major();

    [LibraryImport(Library)]
    public static partial int BIO_get_new_index();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint BIO_meth_new(int type, string name);

    [LibraryImport(Library)]
    public static partial int BIO_meth_set_read_ex(
        nint method, delegate* unmanaged[Cdecl]<nint, byte*, nuint, nuint*, int> callback);

    [LibraryImport(Library)]
    public static partial int BIO_meth_set_write_ex(
        nint method, delegate* unmanaged[Cdecl]<nint, byte*, nuint, nuint*, int> callback);

    [LibraryImport(Library)]
    public static partial int BIO_meth_set_ctrl(
        nint method, delegate* unmanaged[Cdecl]<nint, int, nint, void*, nint> callback);

    [LibraryImport(Library)]
    public static partial nint BIO_new(nint method);

    [LibraryImport(Library)]
    public static partial void BIO_set_data(nint bio, void* data);

    // Called by every callback of the data path; reads one field, so it needs no GC transition.
    [LibraryImport(Library), SuppressGCTransition]
    public static partial void* BIO_get_data(nint bio);

    [LibraryImport(Library)]
    public static partial void BIO_set_init(nint bio, int isReady);

    [LibraryImport(Library)]
    public static partial void BIO_set_flags(nint bio, int flags);

    [LibraryImport(Library)]
    public static partial nint d2i_X509(nint into, byte** from, nint length);

    [LibraryImport(Library)]
    public static partial void X509_free(nint certificate);

    [LibraryImport(Library)]
    public static partial int X509_up_ref(nint certificate);

    [LibraryImport(Library)]
    public static partial int X509_cmp(nint certificate, nint other);

    [LibraryImport(Library)]
    public static partial nint X509_get_subject_name(nint certificate);

    [LibraryImport(Library)]
    public static partial nint X509_get0_pubkey(nint certificate);

    [LibraryImport(Library)]
    public static partial int X509_NAME_cmp(nint name, nint other);

    [LibraryImport(Library)]
    public static partial nint d2i_X509_CRL(nint into, byte** from, nint length);

    [LibraryImport(Library)]
    public static partial void X509_CRL_free(nint list);

    [LibraryImport(Library)]
    public static partial nint X509_CRL_get_issuer(nint list);

    [LibraryImport(Library)]
    public static partial int X509_CRL_verify(nint list, nint key);

    [LibraryImport(Library)]
    public static partial int X509_CRL_get0_by_cert(nint list, nint* entry, nint certificate);

    [LibraryImport(Library)]
    public static partial int X509_STORE_add_cert(nint store, nint certificate);

    [LibraryImport(Library)]
    public static partial int X509_STORE_set_flags(nint store, nuint flags);

    [LibraryImport(Library)]
    public static partial int X509_verify_cert(nint verification);

    [LibraryImport(Library)]
    public static partial nint X509_STORE_CTX_get0_cert(nint verification);

    [LibraryImport(Library)]
    public static partial nint X509_STORE_CTX_get0_chain(nint verification);

    [LibraryImport(Library)]
    public static partial int X509_STORE_CTX_get_error(nint verification);

    [LibraryImport(Library)]
    public static partial void X509_STORE_CTX_set_error(nint verification, int error);

    [LibraryImport(Library)]
    public static partial byte* X509_verify_cert_error_string(nint error);

    [LibraryImport(Library)]
    public static partial nint X509_get_ext_d2i(nint certificate, int nid, int* critical, int* index);

    [LibraryImport(Library)]
    public static partial void GENERAL_NAMES_free(nint names);

    [LibraryImport(Library)]
    public static partial nint GENERAL_NAME_get0_value(nint name, int* type);

    [LibraryImport(Library)]
    public static partial int OPENSSL_sk_num(nint stack);

    [LibraryImport(Library)]
    public static partial nint OPENSSL_sk_value(nint stack, int index);

    [LibraryImport(Library)]
    public static partial byte* ASN1_STRING_get0_data(nint text);

    [LibraryImport(Library)]
    public static partial int ASN1_STRING_length(nint text);

    [LibraryImport(Library)]
    public static partial nuint ERR_peek_last_error();

    [LibraryImport(Library)]
    public static partial byte* ERR_reason_error_string(nuint error);

    [LibraryImport(Library)]
    public static partial void ERR_clear_error();
}
