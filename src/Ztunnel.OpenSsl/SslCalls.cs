using System.Runtime.InteropServices;

namespace Ztunnel.OpenSsl;

/// <summary>The functions of libssl (&lt;openssl/ssl.h&gt;) in use; all present from 3.0 on.</summary>
internal static unsafe partial class SslCalls
{
    public const string Library = "libssl.so.3";

    public const ulong OPENSSL_INIT_NO_ATEXIT = 0x0008_0000;

    public const int SSL_CTRL_MODE = 33;
    public const int SSL_CTRL_SET_SESS_CACHE_MODE = 44;
    public const int SSL_CTRL_CHAIN_CERT = 89;
    public const int SSL_CTRL_SET_GROUPS_LIST = 92;
    public const int SSL_CTRL_SET_MIN_PROTO_VERSION = 123;
    public const int SSL_CTRL_SET_MAX_PROTO_VERSION = 124;
    public const int SSL_CTRL_GET_NEGOTIATED_GROUP = 134;

    public const int SSL_MODE_NO_AUTO_CHAIN = 0x08;
    public const int SSL_MODE_RELEASE_BUFFERS = 0x10;

    public const ulong SSL_OP_NO_TICKET = 1UL << 14;
    public const ulong SSL_OP_NO_COMPRESSION = 1UL << 17;
    public const ulong SSL_OP_NO_RENEGOTIATION = 1UL << 30;

    // From 3.2 on; nothing before.
    public const ulong SSL_OP_NO_TX_CERTIFICATE_COMPRESSION = 1UL << 32;
    public const ulong SSL_OP_NO_RX_CERTIFICATE_COMPRESSION = 1UL << 33;

    public const int SSL_VERIFY_PEER = 1;
    public const int SSL_VERIFY_FAIL_IF_NO_PEER_CERT = 2;

    public const int SSL_CB_READ = 0x04;
    public const int SSL_CB_ALERT = 0x4000;

    public const int SSL_TLSEXT_ERR_OK = 0;
    public const int SSL_TLSEXT_ERR_ALERT_FATAL = 2;

    public const int TLS1_2_VERSION = 0x0303;
    public const int TLS1_3_VERSION = 0x0304;

    [LibraryImport(Library)]
    public static partial int OPENSSL_init_ssl(ulong options, nint settings);

    [LibraryImport(Library)]
    public static partial nint TLS_method();

    [LibraryImport(Library)]
    public static partial nint SSL_CTX_new(nint method);

    [LibraryImport(Library)]
    public static partial void SSL_CTX_free(nint context);

    [LibraryImport(Library)]
    public static partial nint SSL_CTX_ctrl(nint context, int command, nint number, void* argument);

    [LibraryImport(Library)]
    public static partial ulong SSL_CTX_set_options(nint context, ulong options);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SSL_CTX_set_ciphersuites(nint context, string names);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SSL_CTX_set_cipher_list(nint context, string names);

    [LibraryImport(Library)]
    public static partial int SSL_CTX_set_num_tickets(nint context, nuint count);

    [LibraryImport(Library)]
    public static partial int SSL_CTX_use_certificate(nint context, nint certificate);

    [LibraryImport(Library)]
    public static partial int SSL_CTX_use_PrivateKey(nint context, EvpKey key);

    [LibraryImport(Library)]
    public static partial int SSL_CTX_add_client_CA(nint context, nint certificate);

    [LibraryImport(Library)]
    public static partial nint SSL_CTX_get_cert_store(nint context);

    [LibraryImport(Library)]
    public static partial void SSL_CTX_set_verify(nint context, int mode, nint callback);

    [LibraryImport(Library)]
    public static partial void SSL_CTX_set_verify_depth(nint context, int depth);

    [LibraryImport(Library)]
    public static partial void SSL_CTX_set_cert_verify_callback(
        nint context, delegate* unmanaged[Cdecl]<nint, nint, int> callback, nint argument);

    [LibraryImport(Library)]
    public static partial void SSL_CTX_set_info_callback(
        nint context, delegate* unmanaged[Cdecl]<nint, int, int, void> callback);

    [LibraryImport(Library)]
    public static partial int SSL_CTX_set_alpn_protos(nint context, byte* protocols, uint length);

    [LibraryImport(Library)]
    public static partial void SSL_CTX_set_alpn_select_cb(
        nint context,
        delegate* unmanaged[Cdecl]<nint, byte**, byte*, byte*, uint, nint, int> callback,
        nint argument);

    [LibraryImport(Library)]
    public static partial nint SSL_new(TlsContext context);

    [LibraryImport(Library)]
    public static partial void SSL_free(nint session);

    [LibraryImport(Library)]
    public static partial nint SSL_ctrl(nint session, int command, nint number, void* argument);

    [LibraryImport(Library)]
    public static partial void SSL_set_bio(nint session, nint read, nint write);

    [LibraryImport(Library)]
    public static partial int SSL_set_ex_data(nint session, int index, void* data);

    [LibraryImport(Library)]
    public static partial void* SSL_get_ex_data(nint session, int index);

    [LibraryImport(Library)]
    public static partial void SSL_set_accept_state(nint session);

    [LibraryImport(Library)]
    public static partial void SSL_set_connect_state(nint session);

    [LibraryImport(Library)]
    public static partial int SSL_do_handshake(nint session);

    [LibraryImport(Library)]
    public static partial int SSL_read(nint session, byte* into, int length);

    [LibraryImport(Library)]
    public static partial int SSL_write(nint session, byte* from, int length);

    [LibraryImport(Library)]
    public static partial int SSL_shutdown(nint session);

    [LibraryImport(Library)]
    public static partial void SSL_get0_alpn_selected(nint session, byte** protocol, uint* length);

    [LibraryImport(Library)]
    public static partial nint SSL_get0_verified_chain(nint session);

    [LibraryImport(Library)]
    public static partial byte* SSL_get_version(nint session);

    [LibraryImport(Library)]
    public static partial nint SSL_get_current_cipher(nint session);

    [LibraryImport(Library)]
    public static partial byte* SSL_CIPHER_get_name(nint cipher);

    [LibraryImport(Library)]
    public static partial byte* SSL_group_to_name(nint session, int group);
}
