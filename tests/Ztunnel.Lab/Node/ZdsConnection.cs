using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.Win32.SafeHandles;
using Ztunnel.Linux;
using Ztunnel.Protos.Zds;

namespace Ztunnel.Lab;

/// <summary>One proxy's connection to the agent: every request waits for its answer.</summary>
public sealed class ZdsConnection(SeqPacketSocket socket) : IDisposable
{
    private const int MaxPacket = 4096;

    private readonly Lock _lock = new();
    private readonly List<string> _errors = [];

    /// <summary>Errors of the answers so far, the successes left out.</summary>
    public IReadOnlyList<string> Errors
    {
        get
        {
            lock (_lock)
            {
                return [.. _errors];
            }
        }
    }

    public ZdsHello Hello() => ZdsHello.Parser.ParseFrom(Receive());

    /// <returns>The answer's error; empty is success.</returns>
    public string Add(Pod pod)
    {
        using SafeFileHandle network = File.OpenHandle(pod.NetnsPath);
        return Add(pod, network);
    }

    /// <summary>The pod with whatever descriptors the test likes.</summary>
    public string Add(Pod pod, params ReadOnlySpan<SafeHandle> descriptors) => Ask(
        new WorkloadRequest
        {
            Add = new AddWorkload
            {
                Uid = pod.ZdsUid,
                WorkloadInfo = new WorkloadInfo
                {
                    Name = pod.Name,
                    Namespace = pod.Spec.Namespace,
                    ServiceAccount = pod.Spec.Account,
                },
            },
        },
        descriptors);

    public string Keep(string uid) => Ask(new WorkloadRequest { Keep = new KeepWorkload { Uid = uid } });

    public string Delete(string uid) => Ask(new WorkloadRequest { Del = new DelWorkload { Uid = uid } });

    public string EndSnapshot() => Ask(new WorkloadRequest { SnapshotSent = new SnapshotSent() });

    public string Ask(WorkloadRequest request, params ReadOnlySpan<SafeHandle> descriptors) =>
        Ask(request.ToByteArray(), descriptors);

    /// <summary>Any bytes as a request.</summary>
    public string Ask(ReadOnlySpan<byte> packet, params ReadOnlySpan<SafeHandle> descriptors)
    {
        lock (_lock)
        {
            socket.Send(packet, descriptors);
            string error = WorkloadResponse.Parser.ParseFrom(Receive()).Ack.Error;
            if (error.Length > 0)
            {
                _errors.Add(error);
            }

            return error;
        }
    }

    public void Disconnect() => socket.Shutdown();

    public void Dispose() => socket.Dispose();

    private byte[] Receive()
    {
        if (!socket.WaitReadable(Patience.Limit))
        {
            throw new LabException("the proxy does not answer over ZDS");
        }

        byte[] buffer = new byte[MaxPacket];
        int length = socket.Receive(buffer).Length;
        return length > 0 ? buffer[..length] : throw new EndOfStreamException("the proxy closed its ZDS connection");
    }
}
