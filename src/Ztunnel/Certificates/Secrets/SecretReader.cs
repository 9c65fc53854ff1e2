using System.Formats.Asn1;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Ztunnel.Identity;
using Ztunnel.OpenSsl;
using Ztunnel.Protos;
using Ztunnel.Protos.Secrets;
using Ztunnel.Tls;

namespace Ztunnel.Certificates.Secrets;

/// <summary>Secrets off the wire, with the checks that decide between ACK and NACK.</summary>
internal sealed class SecretReader(CertificateReader certificates)
{
    /// <exception cref="SecretException">It is not a usable certificate of this identity.</exception>
    public static SecretCertificate ReadCertificate(string name, ByteString value, SpiffeId identity)
    {
        Secret secret = Parse(name, value);
        if (secret.TypeCase != Secret.TypeOneofCase.TlsCertificate)
        {
            throw new SecretException($"it holds {secret.TypeCase}, wanted a TLS certificate");
        }

        TlsCertificate sent = secret.TlsCertificate;
        RefuseWhatCannotBeUsed(sent);
        ByteString key = DataSources.Read(sent.PrivateKey, "private_key");
        try
        {
            return Guarded(() => Read(
                key, DataSources.Read(sent.CertificateChain, "certificate_chain").ToStringUtf8(), identity));
        }
        finally
        {
            // The key lives on inside libcrypto; as little of it as can be helped stays in memory that is copied.
            MemoryMarshal.AsMemory(key.Memory).Span.Clear();
        }
    }

    /// <exception cref="SecretException">It trusts nobody.</exception>
    public SecretBundle ReadBundle(string name, ByteString value)
    {
        Secret secret = Parse(name, value);
        if (secret.TypeCase != Secret.TypeOneofCase.ValidationContext)
        {
            throw new SecretException($"it holds {secret.TypeCase}, wanted a validation context");
        }

        string pem = DataSources.Read(secret.ValidationContext.TrustedCa, "trusted_ca").ToStringUtf8();
        List<X509Certificate2> roots = Guarded(() => certificates.Roots(pem));
        if (roots.Count == 0)
        {
            throw new SecretException("trusted_ca has no root certificate");
        }

        return new SecretBundle(roots, RevocationLists(secret.ValidationContext.Crl));
    }

    // A bundle whose lists cannot be read is refused as a whole: without them it would trust more than is meant.
    private static IReadOnlyList<byte[]> RevocationLists(DataSource? source) => source is null
        ? []
        : Guarded(() => RevocationText.Read(DataSources.Read(source, "crl").Span));

    private static Secret Parse(string name, ByteString value)
    {
        if (!MessageReader.TryParse(Secret.Parser, value.Span, out Secret? secret, out string trouble))
        {
            throw new SecretException($"decode: {trouble}");
        }

        return secret.Name == name ? secret : throw new SecretException($"its own name is {secret.Name}");
    }

    private static void RefuseWhatCannotBeUsed(TlsCertificate sent)
    {
        if (sent.Password is not null)
        {
            throw new SecretException("private keys with a password are not supported");
        }

        if (sent.PrivateKeyProvider is not null)
        {
            throw new SecretException("private_key_provider is not supported: the key itself is needed");
        }

        if (sent.Pkcs12 is not null)
        {
            throw new SecretException("pkcs12 is not supported: send certificate_chain and private_key");
        }
    }

    private static SecretCertificate Read(ByteString key, string chainPem, SpiffeId identity)
    {
        List<X509Certificate2> chain = PemCertificates.All(chainPem, static unreadable => throw unreadable);
        EvpKey? own = null;
        try
        {
            own = EvpKey.ReadPem(key.Span);
            Check(chain, own, identity);
            return new SecretCertificate(own, chain);
        }
        catch
        {
            own?.Dispose();
            chain.ForEach(static certificate => certificate.Dispose());
            throw;
        }
    }

    private static void Check(List<X509Certificate2> chain, EvpKey key, SpiffeId identity)
    {
        if (chain.Count == 0)
        {
            throw new SecretException("certificate_chain has no certificate");
        }

        if (!chain[0].PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.SubjectPublicKeyInfo()))
        {
            throw new SecretException("private_key does not belong to the certificate");
        }

        if (SpiffeSan.Read(chain[0]) != identity)
        {
            throw new SecretException($"the certificate is not for {identity}");
        }
    }

    private static T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException or FormatException)
        {
            throw new SecretException(e.Message);
        }
    }
}
