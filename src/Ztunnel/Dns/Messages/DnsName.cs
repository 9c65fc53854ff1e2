namespace Ztunnel.Dns.Messages;

/// <summary>
/// Domain names on the wire (RFC 1035 §3.1, §4.1.4): labels behind their lengths, compressed by pointers. A pointer
/// may only lead to where the message has been read already, so that no chain of them is endless.
/// </summary>
internal static class DnsName
{
    /// <summary>Bytes of a name, lengths and the root's zero included.</summary>
    public const int MaxSize = 255;

    public const int MaxLabel = 63;

    private const int PointerMark = 0xC0;

    /// <summary>Copies a name without compression and moves behind it.</summary>
    /// <param name="name">At least <see cref="MaxSize"/> bytes.</param>
    /// <returns>False: cut, too long, or a pointer to where it may not lead.</returns>
    public static bool TryRead(ReadOnlySpan<byte> message, ref int offset, Span<byte> name, out int size)
    {
        size = 0;
        int at = offset;
        int origin = offset; // of the piece being read: the next pointer must lead before it
        bool hasJumped = false;
        while (at < message.Length)
        {
            int length = message[at];
            if ((length & PointerMark) == PointerMark)
            {
                if (at + 1 >= message.Length)
                {
                    return false;
                }

                int target = ((length & ~PointerMark) << 8) | message[at + 1];
                offset = hasJumped ? offset : at + 2;
                hasJumped = true;
                if (target < DnsHeader.Size || target >= origin)
                {
                    return false;
                }

                at = origin = target;
                continue;
            }

            if (length > MaxLabel || at + 1 + length > message.Length || size + 1 + length > MaxSize)
            {
                return false;
            }

            message.Slice(at, 1 + length).CopyTo(name[size..]);
            size += 1 + length;
            at += 1 + length;
            if (length == 0)
            {
                offset = hasJumped ? offset : at;
                return true;
            }
        }

        return false;
    }

    /// <summary>Moves behind a name without following it.</summary>
    public static bool TrySkip(ReadOnlySpan<byte> message, ref int offset)
    {
        int size = 0;
        for (int at = offset; at < message.Length;)
        {
            int length = message[at];
            if ((length & PointerMark) == PointerMark)
            {
                offset = at + 2;
                return offset <= message.Length;
            }

            at += 1 + length;
            size += 1 + length;
            if (length > MaxLabel || size > MaxSize)
            {
                return false;
            }

            if (length == 0)
            {
                offset = at;
                return true;
            }
        }

        return false;
    }

    /// <summary>ASCII letters in lower case; lengths are below any letter, so the whole name is treated alike.</summary>
    /// <returns>Whether there was anything to lower.</returns>
    public static bool Lower(ReadOnlySpan<byte> name, Span<byte> lower)
    {
        bool hasChanged = false;
        for (int i = 0; i < name.Length; i++)
        {
            byte b = name[i];
            bool isUpper = (uint)(b - 'A') <= 'Z' - 'A';
            hasChanged |= isUpper;
            lower[i] = isUpper ? (byte)(b | 0x20) : b;
        }

        return hasChanged;
    }

    /// <summary>
    /// Labels with dots between them and none at the end, in lower case: how hostnames of services are written.
    /// </summary>
    /// <param name="text">At least as long as the name.</param>
    /// <returns>False for a name that no hostname can be: with a dot or something invisible inside a label.</returns>
    public static bool TryToHost(ReadOnlySpan<byte> name, Span<char> text, out int length)
    {
        length = 0;
        for (int at = 0; name[at] != 0; at += 1 + name[at])
        {
            if (length > 0)
            {
                text[length++] = '.';
            }

            foreach (byte b in name.Slice(at + 1, name[at]))
            {
                if (b is <= (byte)' ' or (byte)'.' or (byte)'\\' or >= 0x7F)
                {
                    return false;
                }

                text[length++] = (char)((uint)(b - 'A') <= 'Z' - 'A' ? b | 0x20 : b);
            }
        }

        return true;
    }

    /// <summary>For people: as zone files write it (RFC 1035 §5.1), with the last dot, in lower case.</summary>
    public static string ToText(ReadOnlySpan<byte> name)
    {
        System.Text.StringBuilder text = new();
        for (int at = 0; name[at] != 0; at += 1 + name[at])
        {
            foreach (byte b in name.Slice(at + 1, name[at]))
            {
                _ = b is <= (byte)' ' or >= 0x7F ? text.Append('\\').Append($"{b:D3}")
                    : b is (byte)'.' or (byte)'\\' ? text.Append('\\').Append((char)b)
                    : text.Append(char.ToLowerInvariant((char)b));
            }

            text.Append('.');
        }

        return text.Length == 0 ? "." : text.ToString();
    }
}
