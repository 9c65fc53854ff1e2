using System.Globalization;
using System.IO.Compression;

namespace Ztunnel.Admin;

/// <summary>Accept-Encoding (RFC 9110 section 12.5.3), as far as a scrape needs it.</summary>
internal static class ContentCodings
{
    private static readonly string[] s_names = ["gzip", "br", "deflate", "identity"];

    public static string Name(this ContentCoding coding) => s_names[(int)coding];

    /// <summary>
    /// The coding with the highest weight; gzip among equals, identity when nothing else is asked for.
    /// </summary>
    public static ContentCoding Choose(string? acceptEncoding)
    {
        ContentCoding best = ContentCoding.Identity;
        double bestWeight = 0;
        foreach (Range range in acceptEncoding.AsSpan().Split(','))
        {
            ReadOnlySpan<char> element = acceptEncoding.AsSpan(range);
            int semicolon = element.IndexOf(';');
            ReadOnlySpan<char> name = (semicolon < 0 ? element : element[..semicolon]).Trim();
            int at = name is "*" ? 0 : IndexOf(name);
            double weight = semicolon < 0 ? 1 : WeightOf(element[(semicolon + 1)..]);
            if (at >= 0 && (weight > bestWeight || (weight == bestWeight && at < (int)best && weight > 0)))
            {
                (best, bestWeight) = ((ContentCoding)at, weight);
            }
        }

        return best;
    }

    /// <summary>
    /// Disposing ends the coding and leaves the body open. Fastest: the text is repetitive, the node has other work.
    /// </summary>
    public static Stream Compress(this ContentCoding coding, Stream body) => coding switch
    {
        ContentCoding.Gzip => new GZipStream(body, CompressionLevel.Fastest, leaveOpen: true),
        ContentCoding.Brotli => new BrotliStream(body, CompressionLevel.Fastest, leaveOpen: true),
        ContentCoding.Deflate => new ZLibStream(body, CompressionLevel.Fastest, leaveOpen: true),
        _ => throw new ArgumentOutOfRangeException(nameof(coding)),
    };

    private static int IndexOf(ReadOnlySpan<char> name)
    {
        for (int at = 0; at < s_names.Length; at++)
        {
            if (name.Equals(s_names[at], StringComparison.OrdinalIgnoreCase))
            {
                return at;
            }
        }

        return -1;
    }

    private static double WeightOf(ReadOnlySpan<char> parameter)
    {
        parameter = parameter.Trim();
        return parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase)
            && double.TryParse(parameter[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
                out double weight)
            ? weight
            : 1;
    }
}
