namespace Ztunnel.Hbone;

/// <summary>
/// A CONNECT authority that is a host name: try it as a socket address first. The host is kept and compared exactly as
/// it was sent.
/// </summary>
public readonly record struct Authority(string Host, ushort Port)
{
    /// <summary>False without host or port, and when the port is no number or above 65535.</summary>
    public static bool TryParse(string text, out Authority authority)
    {
        authority = default;
        int colon = text.LastIndexOf(':');
        if (colon <= 0 || !TryParsePort(text.AsSpan(colon + 1), out ushort port))
        {
            return false;
        }

        authority = new Authority(text[..colon], port);
        return true;
    }

    // Digits only: the framework's parser would take blanks and signs as well.
    private static bool TryParsePort(ReadOnlySpan<char> text, out ushort port)
    {
        port = 0;
        return text.Length is > 0 and <= 5
            && text.IndexOfAnyExceptInRange('0', '9') < 0
            && ushort.TryParse(text, out port);
    }
}
