using Google.Protobuf;
using Microsoft.Win32.SafeHandles;
using System.Runtime.InteropServices;
using Ztunnel.Linux;
using Ztunnel.Protos.Zds;

namespace Ztunnel.Tests.InPod;

/// <summary>The node agent's side of ZDS on a real socket; every wait has an end.</summary>
internal sealed class ZdsAgent : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly string _directory = Directory.CreateTempSubdirectory("zds").FullName;
    private readonly SeqPacketSocket _listener;
    private SeqPacketSocket? _connection;

    public ZdsAgent()
    {
        SocketPath = Path.Combine(_directory, "zds.sock");
        _listener = SeqPacketSocket.Listen(SocketPath, backlog: 8);
    }

    public string SocketPath { get; }

    /// <summary>Takes the next connection and reads its hello.</summary>
    public ZdsHello Accept()
    {
        _connection?.Dispose();
        Assert.True(_listener.WaitReadable(s_patience), "nobody connects");
        _connection = _listener.Accept();
        return ZdsHello.Parser.ParseFrom(Receive());
    }

    public string Add(string uid, SafeFileHandle network) => Add(uid, Info(uid), network);

    public string Add(string uid, WorkloadInfo? info, params SafeFileHandle[] descriptors)
    {
        string answer = Ask(
            new WorkloadRequest { Add = new AddWorkload { Uid = uid, WorkloadInfo = info } }.ToByteArray(),
            [.. descriptors]);
        foreach (SafeFileHandle descriptor in descriptors) // as the agent does once it is answered
        {
            descriptor.Dispose();
        }

        return answer;
    }

    public string Keep(string uid, params SafeHandle[] descriptors) =>
        Ask(new WorkloadRequest { Keep = new KeepWorkload { Uid = uid } }.ToByteArray(), descriptors);

    public string Delete(string uid) =>
        Ask(new WorkloadRequest { Del = new DelWorkload { Uid = uid } }.ToByteArray());

    public string EndSnapshot() => Ask(new WorkloadRequest { SnapshotSent = new SnapshotSent() }.ToByteArray());

    /// <returns>The ack's error; empty is success.</returns>
    public string Ask(ReadOnlySpan<byte> packet, params SafeHandle[] descriptors)
    {
        _connection!.Send(packet, descriptors);
        return WorkloadResponse.Parser.ParseFrom(Receive()).Ack.Error;
    }

    public void Disconnect() => _connection!.Shutdown();

    /// <returns>An empty packet at the end of the stream.</returns>
    public byte[] Receive()
    {
        Assert.True(_connection!.WaitReadable(s_patience), "no answer");
        byte[] buffer = new byte[4096];
        return buffer[.._connection.Receive(buffer).Length];
    }

    public void Dispose()
    {
        _connection?.Dispose();
        _listener.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static WorkloadInfo Info(string uid) =>
        new() { Name = uid, Namespace = "shop", ServiceAccount = $"sa-{uid}" };
}
