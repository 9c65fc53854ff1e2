using Google.Protobuf;
using Microsoft.Win32.SafeHandles;
using Ztunnel.InPod;
using Ztunnel.Linux;
using Ztunnel.Protos.Zds;

namespace Ztunnel.Tests.InPod;

public sealed class ZdsRequestTests
{
    private static readonly byte[] s_add = new WorkloadRequest
    {
        Add = new AddWorkload
        {
            Uid = "7e2b9b0e-56ba-4a6b-9f3c-58c2f7a1c0de",
            WorkloadInfo = new WorkloadInfo { Name = "cart-0", Namespace = "shop", ServiceAccount = "cart" },
        },
    }.ToByteArray();

    [Fact]
    public void Read_CutAnywhere_IsRefusedOrReadButNeverFails()
    {
        for (int cut = 0; cut < s_add.Length; cut++)
        {
            SafeFileHandle descriptor = File.OpenHandle("/dev/null");

            ZdsRequest? request = TryRead(s_add[..cut], descriptor);

            Assert.Null(request);
            Assert.True(descriptor.IsClosed);
        }
    }

    [Fact]
    public void Read_RandomBytes_IsRefusedOrReadButNeverFails()
    {
        Random random = new(42);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] packet = new byte[random.Next(64)];
            random.NextBytes(packet);
            TryRead(packet, null);
        }
    }

    [Fact]
    public void Read_MutatedAdd_IsRefusedOrReadButNeverFails()
    {
        Random random = new(43);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] packet = [.. s_add];
            packet[random.Next(packet.Length)] = (byte)random.Next(256);
            using SafeFileHandle descriptor = new(-1, ownsHandle: false);
            TryRead(packet, descriptor);
        }
    }

    [Theory]
    [InlineData("0affffffff07")]
    [InlineData("0a060affffffff07")]
    [InlineData("0a0812060affffffff07")]
    public void Read_LengthsNearTwoGigabytes_AreRefused(string hex) =>
        Assert.Null(TryRead(Convert.FromHexString(hex), null));

    [Theory]
    [InlineData("1a00", WorkloadRequest.PayloadOneofCase.SnapshotSent)]
    [InlineData("1203120161", WorkloadRequest.PayloadOneofCase.Del)] // uid is field 2 there
    [InlineData("2a030a0161", WorkloadRequest.PayloadOneofCase.Keep)]
    [InlineData("1a007a00", WorkloadRequest.PayloadOneofCase.SnapshotSent)] // with an unknown field
    public void Read_WireExample_GivesTheRequest(string hex, WorkloadRequest.PayloadOneofCase expected)
    {
        ZdsRequest? request = TryRead(Convert.FromHexString(hex), null);

        Assert.Equal(expected, request?.Message.PayloadCase);
    }

    private static ZdsRequest? TryRead(byte[] packet, SafeFileHandle? descriptor)
    {
        try
        {
            return ZdsRequest.Read(
                packet, new SeqPacket(packet.Length, descriptor is null ? [] : [descriptor], false, false));
        }
        catch (ZdsReadException)
        {
            return null;
        }
    }
}
