namespace Ztunnel.Telemetry;

/// <summary>
/// Parameter names of <c>[LoggerMessage]</c> methods as field names: <c>typeUrl</c> is printed as <c>type_url</c>.
/// </summary>
internal static class LogFieldName
{
    /// <summary>Returns the length; a name longer than the room is cut.</summary>
    public static int Write(ReadOnlySpan<char> name, Span<byte> destination)
    {
        int length = 0;
        foreach (char c in name.TrimStart('@')) // of a parameter that C# would take for a keyword
        {
            bool capital = char.IsAsciiLetterUpper(c);
            if (length + 2 > destination.Length)
            {
                break;
            }

            if (capital && length > 0)
            {
                destination[length++] = (byte)'_';
            }

            bool plain = char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-';
            destination[length++] = capital ? (byte)(c | 0x20) : plain ? (byte)c : (byte)'_';
        }

        return length;
    }
}
