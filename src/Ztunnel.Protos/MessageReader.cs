using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;

namespace Ztunnel.Protos;

/// <summary>Bytes from outside to a message, or to the reason why they are none.</summary>
public static class MessageReader
{
    /// <param name="trouble">Empty on success.</param>
    public static bool TryParse<T>(
        MessageParser<T> parser, ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out T? message, out string trouble)
        where T : class, IMessage<T>
    {
        try
        {
            message = parser.ParseFrom(bytes);
            trouble = "";
            return true;
        }
        catch (Exception failure)
        {
            // Besides its own: a length near two gigabytes wraps in its sums and ends as an index out of range or as an
            // array too large, a wrapped number (capacity) with an end-group tag inside as an invalid operation.
            message = null;
            trouble = failure.Message;
            return false;
        }
    }
}
