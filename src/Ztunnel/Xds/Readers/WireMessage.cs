using Google.Protobuf;
using Ztunnel.Protos;

namespace Ztunnel.Xds.Readers;

/// <summary>Bytes to a generated message.</summary>
internal static class WireMessage
{
    /// <exception cref="RejectedResourceException">They are none.</exception>
    public static T Parse<T>(MessageParser<T> parser, ByteString bytes)
        where T : class, IMessage<T>
    {
        return MessageReader.TryParse(parser, bytes.Span, out T? message, out string trouble)
            ? message
            : throw RejectedResourceException.Undecodable(trouble);
    }
}
