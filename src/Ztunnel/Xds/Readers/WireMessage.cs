using Google.Protobuf;

namespace Ztunnel.Xds.Readers;

/// <summary>Bytes to a generated message.</summary>
internal static class WireMessage
{
    /// <exception cref="RejectedResourceException">They are none.</exception>
    public static T Parse<T>(MessageParser<T> parser, ByteString bytes)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (Exception failure) when (failure is InvalidProtocolBufferException or InvalidOperationException)
        {
            // The second is the library's answer to a wrapped number (capacity) with an end-group tag inside.
            throw RejectedResourceException.Undecodable(failure);
        }
    }
}
