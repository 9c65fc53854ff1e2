using Google.Protobuf;
using Ztunnel.Protos;

namespace Ztunnel.Xds.Readers;

/// <summary>Bytes to a generated message.</summary>
internal static class WireMessage
{
    /// <exception cref="InvalidDataException">They are none.</exception>
    public static T Parse<T>(MessageParser<T> parser, ReadOnlySpan<byte> bytes)
        where T : class, IMessage<T>
    {
        return MessageReader.TryParse(parser, bytes, out T? message, out string trouble)
            ? message
            : throw new InvalidDataException(trouble);
    }

    /// <summary>
    /// The same message in which what it says twice stands once: how the two are put together is the library's to know.
    /// </summary>
    /// <inheritdoc cref="Parse"/>
    public static byte[] MadePlain<T>(MessageParser<T> parser, ReadOnlySpan<byte> bytes)
        where T : class, IMessage<T> => Parse(parser, bytes).ToByteArray();
}
