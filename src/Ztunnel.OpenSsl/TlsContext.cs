using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Ztunnel.OpenSsl;

/// <summary>
/// One end's TLS under one certificate (SSL_CTX): key, chain, roots, versions, suites, groups, ALPN h2. Made once per
/// certificate and shared by its sessions, each of which keeps it alive.
/// </summary>
public sealed unsafe class TlsContext : SafeHandleZeroOrMinusOneIsInvalid
{
    private const string Suites13 = "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256";
    private const string Suites12 = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256:"
        + "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256";

    /// <summary>In OpenSSL from 3.5 on.</summary>
    public const string PostQuantumGroup = "X25519MLKEM768";

    // Intermediates between leaf and root, as webpki allows them in the original.
    private const int MaxIntermediates = 6;

    // The first gets the key share, so the common case needs no second round. A library that does not know a name
    // refuses the whole list: before 3.5 there is no ML-KEM, under FIPS rules there may be no X25519.
    private static readonly string[] s_groups =
        [$"X25519:P-256:P-384:{PostQuantumGroup}", "X25519:P-256:P-384", "P-256:P-384"];

    private TlsContext(TlsRole role)
        : base(ownsHandle: true)
    {
        Role = role;
        SetHandle(SslCalls.SSL_CTX_new(SslCalls.TLS_method()));
        OpenSslError.Require(!IsInvalid, "SSL_CTX_new");
    }

    public TlsRole Role { get; }

    /// <param name="chainDer">Leaf first, then intermediates as they are to be sent; no root.</param>
    /// <param name="rootsDer">Trust anchors: a path that reaches any of them is good, self-signed or not.</param>
    /// <exception cref="CryptographicException">A certificate is unreadable, or the key is not the leaf's.</exception>
    public static TlsContext Create(
        TlsRole role,
        TlsContextOptions options,
        EvpKey key,
        IReadOnlyList<byte[]> chainDer,
        IReadOnlyList<byte[]> rootsDer)
    {
        ArgumentOutOfRangeException.ThrowIfZero(chainDer.Count);
        OpenSslLibrary.Initialize();
        TlsContext context = new(role);
        try
        {
            context.SetProtocol(options);
            context.SetCertificate(key, chainDer);
            context.SetRoots(rootsDer);
            context.SetVerification();
            return context;
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    internal static bool KnowsGroup(string name)
    {
        OpenSslLibrary.Initialize();
        using TlsContext context = new(TlsRole.Client);
        return context.TrySetGroups(name);
    }

    protected override bool ReleaseHandle()
    {
        SslCalls.SSL_CTX_free(handle);
        return true;
    }

    private void SetProtocol(TlsContextOptions options)
    {
        int oldest = options.AllowsTls12 ? SslCalls.TLS1_2_VERSION : SslCalls.TLS1_3_VERSION;
        OpenSslError.Require(
            Control(SslCalls.SSL_CTRL_SET_MIN_PROTO_VERSION, oldest) == 1
                && Control(SslCalls.SSL_CTRL_SET_MAX_PROTO_VERSION, 0) == 1, // whatever openssl.cnf says
            "cannot set TLS versions");
        OpenSslError.Require(
            SslCalls.SSL_CTX_set_ciphersuites(handle, Suites13) == 1
                && SslCalls.SSL_CTX_set_cipher_list(handle, Suites12) == 1,
            "cannot set cipher suites");
        string[] groups = options.RequiresPostQuantum ? [PostQuantumGroup] : s_groups;
        OpenSslError.Require(Array.Exists(groups, TrySetGroups), $"cannot set key exchange {groups[^1]}");

        // Every connection is a full handshake: what a certificate may do is decided by its bearer being there. And
        // nothing is compressed: not records, nor certificates, which costs more than it saves and inflates at will.
        SslCalls.SSL_CTX_set_options(
            handle,
            SslCalls.SSL_OP_NO_TICKET
                | SslCalls.SSL_OP_NO_RENEGOTIATION
                | SslCalls.SSL_OP_NO_COMPRESSION
                | SslCalls.SSL_OP_NO_TX_CERTIFICATE_COMPRESSION
                | SslCalls.SSL_OP_NO_RX_CERTIFICATE_COMPRESSION);
        OpenSslError.Require(SslCalls.SSL_CTX_set_num_tickets(handle, 0) == 1, "cannot switch tickets off");
        Control(SslCalls.SSL_CTRL_SET_SESS_CACHE_MODE, 0);

        // No automatic chain: it would be completed from the roots, root included.
        Control(SslCalls.SSL_CTRL_MODE, SslCalls.SSL_MODE_RELEASE_BUFFERS | SslCalls.SSL_MODE_NO_AUTO_CHAIN);

        if (Role == TlsRole.Server)
        {
            SslCalls.SSL_CTX_set_alpn_select_cb(handle, &TlsCallbacks.SelectProtocol, 0);
            return;
        }

        fixed (byte* protocols = TlsCallbacks.Protocols)
        {
            OpenSslError.Require(
                SslCalls.SSL_CTX_set_alpn_protos(handle, protocols, (uint)TlsCallbacks.Protocols.Length) == 0,
                "cannot set ALPN");
        }
    }

    private void SetCertificate(EvpKey key, IReadOnlyList<byte[]> chainDer)
    {
        Use(chainDer[0], (context, leaf) => SslCalls.SSL_CTX_use_certificate(context, leaf));
        OpenSslError.Require(SslCalls.SSL_CTX_use_PrivateKey(handle, key) == 1, "cannot use private key");
        foreach (byte[] intermediate in chainDer.Skip(1))
        {
            Use(intermediate, (context, certificate) => // 1: it takes a reference of its own
                SslCalls.SSL_CTX_ctrl(context, SslCalls.SSL_CTRL_CHAIN_CERT, 1, (void*)certificate));
        }
    }

    private void SetRoots(IReadOnlyList<byte[]> rootsDer)
    {
        foreach (byte[] root in rootsDer)
        {
            Use(root, (context, certificate) =>
                CryptoCalls.X509_STORE_add_cert(SslCalls.SSL_CTX_get_cert_store(context), certificate));
            if (Role == TlsRole.Server)
            {
                Use(root, (context, certificate) => SslCalls.SSL_CTX_add_client_CA(context, certificate));
            }
        }

        OpenSslError.Require(
            CryptoCalls.X509_STORE_set_flags(
                SslCalls.SSL_CTX_get_cert_store(handle), CryptoCalls.X509_V_FLAG_PARTIAL_CHAIN) == 1,
            "cannot set roots");
    }

    private void SetVerification()
    {
        SslCalls.SSL_CTX_set_verify( // whoever is no server has no client to ask: the second bit is ignored there
            handle, SslCalls.SSL_VERIFY_PEER | SslCalls.SSL_VERIFY_FAIL_IF_NO_PEER_CERT, 0);
        SslCalls.SSL_CTX_set_verify_depth(handle, MaxIntermediates);
        SslCalls.SSL_CTX_set_cert_verify_callback(handle, &TlsCallbacks.VerifyPeer, 0);
        SslCalls.SSL_CTX_set_info_callback(handle, &TlsCallbacks.NoteAlert);
    }

    private bool TrySetGroups(string names)
    {
        fixed (byte* text = Encoding.ASCII.GetBytes(names + '\0'))
        {
            if (SslCalls.SSL_CTX_ctrl(handle, SslCalls.SSL_CTRL_SET_GROUPS_LIST, 0, text) == 1)
            {
                return true;
            }
        }

        CryptoCalls.ERR_clear_error();
        return false;
    }

    private nint Control(int command, nint number) => SslCalls.SSL_CTX_ctrl(handle, command, number, null);

    private void Use(byte[] der, Func<nint, nint, nint> call)
    {
        nint certificate = X509Certificates.Decode(der);
        try
        {
            OpenSslError.Require(call(handle, certificate) == 1, "cannot use certificate");
        }
        finally
        {
            CryptoCalls.X509_free(certificate);
        }
    }
}
