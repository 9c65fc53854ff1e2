using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Ztunnel.OpenSsl;

/// <summary>
/// A private key inside libcrypto (EVP_PKEY). It is made, used, stored and read there; none of its bytes ever lies
/// in managed memory, which the collector copies and nobody wipes.
/// </summary>
public sealed unsafe partial class EvpKey : SafeHandleZeroOrMinusOneIsInvalid
{
    private const string Crypto = "libcrypto.so.3";
    private const int BIO_NOCLOSE = 0;

    static EvpKey() => OpenSslLibrary.Initialize();

    private EvpKey(nint key)
        : base(ownsHandle: true) => SetHandle(key);

    public static EvpKey GenerateP256()
    {
        nint context = EVP_PKEY_CTX_new_from_name(0, "EC", 0);
        try
        {
            nint key = 0;
            Require(context != 0
                && EVP_PKEY_keygen_init(context) == 1
                && EVP_PKEY_CTX_set_group_name(context, "P-256") == 1
                && EVP_PKEY_generate(context, &key) == 1);
            return new EvpKey(key);
        }
        finally
        {
            EVP_PKEY_CTX_free(context);
        }
    }

    /// <summary>Reads PKCS#8 or a traditional form, unencrypted, straight from the file.</summary>
    /// <exception cref="CryptographicException">With libcrypto's reason.</exception>
    public static EvpKey ReadPem(SafeFileHandle file)
    {
        nint bio = BIO_new_fd((int)file.DangerousGetHandle(), BIO_NOCLOSE);
        try
        {
            return ReadPem(bio);
        }
        finally
        {
            BIO_free(bio);
        }
    }

    /// <summary>As from a file; the bytes stay the caller's to wipe.</summary>
    /// <exception cref="CryptographicException">With libcrypto's reason.</exception>
    public static EvpKey ReadPem(ReadOnlySpan<byte> pem)
    {
        fixed (byte* start = pem)
        {
            nint bio = BIO_new_mem_buf(start, pem.Length);
            try
            {
                return ReadPem(bio);
            }
            finally
            {
                BIO_free(bio);
            }
        }
    }

    /// <summary>The same key once more, to be disposed of on its own.</summary>
    public EvpKey Share()
    {
        Require(EVP_PKEY_up_ref(this) == 1);
        bool isHeld = false;
        try
        {
            DangerousAddRef(ref isHeld);
            return new EvpKey(handle);
        }
        finally
        {
            if (isHeld)
            {
                DangerousRelease();
            }
        }
    }

    /// <summary>Writes PKCS#8, unencrypted: the caller made the file readable for its owner only.</summary>
    public void WritePem(SafeFileHandle file)
    {
        nint bio = BIO_new_fd((int)file.DangerousGetHandle(), BIO_NOCLOSE);
        try
        {
            Require(bio != 0 && PEM_write_bio_PKCS8PrivateKey(bio, this, 0, 0, 0, 0, 0) == 1);
        }
        finally
        {
            BIO_free(bio);
        }
    }

    /// <summary>DER of the public half, as it stands in certificates.</summary>
    public byte[] SubjectPublicKeyInfo()
    {
        int length = i2d_PUBKEY(this, null);
        Require(length > 0);
        byte[] encoded = new byte[length];
        fixed (byte* into = encoded)
        {
            byte* cursor = into;
            Require(i2d_PUBKEY(this, &cursor) == length);
        }

        return encoded;
    }

    /// <summary>SHA-256, then the key's own signature; for EC the DER form certificates carry.</summary>
    public byte[] SignSha256(ReadOnlySpan<byte> data)
    {
        nint context = EVP_MD_CTX_new();
        try
        {
            fixed (byte* input = data)
            {
                nuint length = 0;
                Require(context != 0
                    && EVP_DigestSignInit(context, 0, EVP_sha256(), 0, this) == 1
                    && EVP_DigestSign(context, null, &length, input, (nuint)data.Length) == 1);
                byte[] signature = new byte[length];
                fixed (byte* into = signature)
                {
                    Require(EVP_DigestSign(context, into, &length, input, (nuint)data.Length) == 1);
                }

                return signature[..(int)length]; // the first answer is the longest a signature can be
            }
        }
        finally
        {
            EVP_MD_CTX_free(context);
        }
    }

    private static EvpKey ReadPem(nint bio)
    {
        // Without a passphrase at hand libcrypto would ask for one on the terminal: an empty one makes it fail.
        byte none = 0;
        nint key = bio == 0 ? 0 : PEM_read_bio_PrivateKey(bio, 0, 0, (nint)(&none));
        Require(key != 0);
        return new EvpKey(key);
    }

    protected override bool ReleaseHandle()
    {
        EVP_PKEY_free(handle);
        return true;
    }

    private static void Require(bool ok)
    {
        if (ok)
        {
            return;
        }

        byte* text = stackalloc byte[256];
        ERR_error_string_n(ERR_get_error(), text, 256);
        ERR_clear_error();
        throw new CryptographicException(Marshal.PtrToStringUTF8((nint)text));
    }
}
