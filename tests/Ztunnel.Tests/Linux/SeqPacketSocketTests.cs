using System.ComponentModel;
using Microsoft.Win32.SafeHandles;
using Ztunnel.Linux;

namespace Ztunnel.Tests.Linux;

public sealed class SeqPacketSocketTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("seqpacket-");
    private readonly SeqPacketSocket _listener;
    private readonly SeqPacketSocket _client;
    private readonly SeqPacketSocket _server;

    public SeqPacketSocketTests()
    {
        _listener = SeqPacketSocket.Listen(SocketPath, 8);
        _client = SeqPacketSocket.Connect(SocketPath);
        _server = _listener.Accept();
    }

    private string SocketPath => Path.Combine(_directory.FullName, "socket");

    [Fact]
    public void Receive_TwoPackets_KeepsTheirBoundary()
    {
        byte[] buffer = new byte[1024];
        _client.Send("one"u8);
        _client.Send("second"u8);

        Assert.Equal(3, _server.Receive(buffer).Length);
        SeqPacket second = _server.Receive(buffer);

        Assert.Equal("second"u8, buffer.AsSpan(0, second.Length));
        Assert.Empty(second.Descriptors);
        Assert.False(second.Truncated || second.ControlTruncated);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    public void Receive_Descriptors_AreTheSameFiles(int count)
    {
        SafeFileHandle[] files = [.. Enumerable.Range(0, count).Select(NewFile)];
        _client.Send("files"u8, files);

        SeqPacket packet = _server.Receive(new byte[1024]);

        Assert.Equal(count, packet.Descriptors.Length);
        for (int i = 0; i < count; i++)
        {
            byte[] content = new byte[1];
            RandomAccess.Read(packet.Descriptors[i], content, 0);
            Assert.Equal(i, content[0]);
            packet.Descriptors[i].Dispose();
            files[i].Dispose();
        }
    }

    [Fact]
    public void Receive_MoreDescriptorsThanRoom_SaysSoAndLeaksNone()
    {
        SafeFileHandle[] files = [.. Enumerable.Range(0, 40).Select(NewFile)];
        _client.Send("files"u8, files);

        SeqPacket packet = _server.Receive(new byte[1024]);

        Assert.True(packet.ControlTruncated);
        Assert.Equal(16, packet.Descriptors.Length);
        Array.ForEach(packet.Descriptors, descriptor => descriptor.Dispose());
        Array.ForEach(files, file => file.Dispose());
    }

    [Fact]
    public void Receive_LongerThanTheBuffer_IsTruncatedAndTheNextIsWhole()
    {
        byte[] buffer = new byte[1024];
        _client.Send(new byte[1025]);
        _client.Send(new byte[1024]);

        SeqPacket cut = _server.Receive(buffer);
        SeqPacket whole = _server.Receive(buffer);

        Assert.True(cut.Truncated);
        Assert.Equal(1024, whole.Length);
        Assert.False(whole.Truncated);
    }

    [Fact]
    public void Receive_PeerGone_IsTheEnd()
    {
        _client.Dispose();

        Assert.Equal(0, _server.Receive(new byte[16]).Length);
    }

    [Fact]
    public async Task Receive_ShutDownMeanwhile_IsTheEnd()
    {
        Task<SeqPacket> waiting = Task.Factory.StartNew(
            () => _server.Receive(new byte[16]), TaskCreationOptions.LongRunning);

        _server.Shutdown();

        Assert.Equal(0, (await waiting.WaitAsync(TestWorker.Patience)).Length);
    }

    [Fact]
    public void Send_PeerGone_ThrowsInsteadOfSignalling()
    {
        _server.Dispose();

        Win32Exception failure = Assert.Throws<Win32Exception>(() => _client.Send("x"u8));

        Assert.Equal(Errno.EPIPE, failure.NativeErrorCode);
    }

    [Fact]
    public void Connect_NoSuchSocket_CarriesErrno()
    {
        string missing = Path.Combine(_directory.FullName, "missing");

        Win32Exception failure = Assert.Throws<Win32Exception>(() => SeqPacketSocket.Connect(missing));

        Assert.Equal(Errno.ENOENT, failure.NativeErrorCode);
    }

    [Fact]
    public void Connect_PathTooLong_IsRefusedByName() =>
        Assert.Throws<ArgumentException>(() => SeqPacketSocket.Connect("/" + new string('x', 108)));

    [Fact]
    public void WaitReadable_NothingThere_IsFalse()
    {
        Assert.False(_server.WaitReadable(TimeSpan.Zero));

        _client.Send("x"u8);

        Assert.True(_server.WaitReadable(TestWorker.Patience));
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
        _listener.Dispose();
        _directory.Delete(recursive: true);
    }

    private SafeFileHandle NewFile(int content)
    {
        string path = Path.Combine(_directory.FullName, $"file-{content}");
        File.WriteAllBytes(path, [(byte)content]);
        return File.OpenHandle(path);
    }
}
