using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ztunnel.OpenSsl;

namespace Ztunnel.Certificates;

/// <summary>Lets the BCL write requests and certificates that are signed by a key it never sees.</summary>
internal sealed class EvpKeySignatures(EvpKey key) : X509SignatureGenerator
{
    private const string EcdsaWithSha256 = "1.2.840.10045.4.3.2"; // RFC 5758 §3.2: without parameters

    public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(EcdsaWithSha256);
        }

        return writer.Encode();
    }

    public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) =>
        hashAlgorithm == HashAlgorithmName.SHA256
            ? key.SignSha256(data)
            : throw new NotSupportedException($"{hashAlgorithm}: only SHA-256 is used here");

    protected override PublicKey BuildPublicKey() =>
        PublicKey.CreateFromSubjectPublicKeyInfo(key.SubjectPublicKeyInfo(), out _);
}
