using Microsoft.Win32.SafeHandles;
using Ztunnel.Linux;
using Ztunnel.Protos;
using Ztunnel.Protos.Zds;

namespace Ztunnel.InPod;

/// <summary>One request of the node agent, with the descriptor it must or must not have checked.</summary>
/// <param name="Namespace">The pod's network namespace: present exactly with an add.</param>
internal sealed record ZdsRequest(WorkloadRequest Message, SafeFileHandle? Namespace)
{
    /// <summary>Longest packet of either side.</summary>
    public const int MaxSize = 1024;

    /// <exception cref="ZdsReadException">Every descriptor of the packet is closed then.</exception>
    public static ZdsRequest Read(ReadOnlySpan<byte> buffer, SeqPacket packet)
    {
        try
        {
            if (packet.Truncated || packet.ControlTruncated)
            {
                throw new ZdsReadException(packet.Truncated
                    ? $"the packet is longer than {MaxSize} bytes"
                    : "descriptors of the packet were lost");
            }

            WorkloadRequest message = Parse(buffer[..packet.Length]);
            bool isAdd = message.PayloadCase == WorkloadRequest.PayloadOneofCase.Add;
            return (packet.Descriptors.Length, isAdd) switch
            {
                (1, true) => new ZdsRequest(message, packet.Descriptors[0]),
                (0, false) => new ZdsRequest(message, null),
                (0, true) => throw new ZdsReadException("No control message"),
                (1, false) => throw new ZdsReadException("Unexpected control message"),
                _ => throw new ZdsReadException($"Expected 1 FD, got {packet.Descriptors.Length}"),
            };
        }
        catch (ZdsReadException)
        {
            foreach (SafeFileHandle descriptor in packet.Descriptors)
            {
                descriptor.Dispose();
            }

            throw;
        }
    }

    private static WorkloadRequest Parse(ReadOnlySpan<byte> packet)
    {
        if (!MessageReader.TryParse(WorkloadRequest.Parser, packet, out WorkloadRequest? message, out string trouble))
        {
            throw new ZdsReadException($"undecodable request: {trouble}");
        }

        return message.PayloadCase != WorkloadRequest.PayloadOneofCase.None
            ? message
            : throw new ZdsReadException("the request has no payload");
    }
}
