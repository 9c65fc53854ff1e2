using System.Security.Cryptography;
using System.Text;

namespace Ztunnel.Tls;

/// <summary>Revocation lists as files and secrets hold them: PEM with any number of them, or one in DER.</summary>
internal static class RevocationText
{
    private const byte DerSequence = 0x30;
    private const string Label = "X509 CRL";

    /// <returns>DER of each; none for what holds none. Blocks of other kinds are passed over.</returns>
    /// <exception cref="CryptographicException">A block is damaged.</exception>
    public static IReadOnlyList<byte[]> Read(ReadOnlySpan<byte> content)
    {
        if (content is [DerSequence, ..])
        {
            return [content.ToArray()];
        }

        List<byte[]> lists = [];
        ReadOnlySpan<char> rest = Encoding.Latin1.GetString(content);
        while (PemEncoding.TryFind(rest, out PemFields fields))
        {
            if (rest[fields.Label].SequenceEqual(Label))
            {
                lists.Add(Convert.FromBase64String(rest[fields.Base64Data].ToString()));
            }

            rest = rest[fields.Location.End..];
        }

        return rest.Contains($"-----BEGIN {Label}-----", StringComparison.Ordinal)
            ? throw new CryptographicException("cannot read revocation list: damaged PEM")
            : lists;
    }
}
