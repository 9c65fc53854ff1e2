using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using Ztunnel.Identity;

namespace Ztunnel.Certificates;

/// <summary>
/// The identity in a certificate's subjectAltName. Written by hand: the BCL's builder takes a <see cref="Uri"/>,
/// which would fold and escape what must stay as it is.
/// </summary>
internal static class SpiffeSan
{
    private const string SubjectAlternativeName = "2.5.29.17";

    private static readonly Asn1Tag s_uri = new(TagClass.ContextSpecific, 6); // GeneralName, RFC 5280 §4.2.1.6

    /// <summary>Critical, because the subject beside it is empty (RFC 5280 §4.2.1.6).</summary>
    public static X509Extension Extension(SpiffeId identity)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteCharacterString(UniversalTagNumber.IA5String, identity.ToString(), s_uri);
        }

        return new X509Extension(SubjectAlternativeName, writer.Encode(), critical: true);
    }

    /// <summary>
    /// The first URI of the certificate, and only that one; null if there is none or it is no SPIFFE id.
    /// </summary>
    /// <exception cref="AsnContentException">The extension is not what it says.</exception>
    public static SpiffeId? Read(X509Certificate2 certificate)
    {
        foreach (X509Extension extension in certificate.Extensions)
        {
            if (extension.Oid?.Value != SubjectAlternativeName)
            {
                continue;
            }

            AsnReader names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData)
            {
                if (names.PeekTag().HasSameClassAndValue(s_uri))
                {
                    string uri = names.ReadCharacterString(UniversalTagNumber.IA5String, s_uri);
                    return SpiffeId.TryParse(uri, out SpiffeId? identity) ? identity : null;
                }

                names.ReadEncodedValue();
            }
        }

        return null;
    }
}
