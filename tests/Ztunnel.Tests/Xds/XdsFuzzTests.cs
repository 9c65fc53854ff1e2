using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Ztunnel.Protos.Discovery;
using Ztunnel.Xds;
using Wire = Ztunnel.Protos.Workloads;

namespace Ztunnel.Tests.Xds;

/// <summary>Whatever the bytes are: the resource is taken or refused, and the next one is read.</summary>
public sealed class XdsFuzzTests
{
    private readonly IntakeLab _lab = new();

    public static TheoryData<string, byte[]> Samples => new()
    {
        { XdsTypes.Address, new Wire.Address { Workload = WireMesh.FullWorkload() }.ToByteArray() },
        { XdsTypes.Address, new Wire.Address { Service = WireMesh.FullService() }.ToByteArray() },
        { XdsTypes.Authorization, WireMesh.Policy(WireMesh.FullMatch()).ToByteArray() },
    };

    [Theory, MemberData(nameof(Samples))]
    public void Answer_EveryCut_IsTakenOrRefused(string typeUrl, byte[] sample)
    {
        for (int cut = 0; cut <= sample.Length; cut++)
        {
            Offer(typeUrl, sample[..cut]);
        }
    }

    [Theory, MemberData(nameof(Samples))]
    public void Answer_FlippedBytes_IsTakenOrRefused(string typeUrl, byte[] sample)
    {
        Random random = new(20261125);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = [.. sample];
            for (int flips = random.Next(1, 6); flips > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            Offer(typeUrl, bytes);
        }
    }

    [Theory]
    [InlineData(XdsTypes.Address)]
    [InlineData(XdsTypes.Authorization)]
    public void Answer_RandomBytes_IsTakenOrRefused(string typeUrl)
    {
        Random random = new(20261126);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = new byte[random.Next(64)];
            random.NextBytes(bytes);
            Offer(typeUrl, bytes);
        }
    }

    private void Offer(string typeUrl, byte[] bytes)
    {
        DeltaDiscoveryRequest answer = _lab.Answer(new DeltaDiscoveryResponse
        {
            TypeUrl = typeUrl,
            Nonce = "n",
            Resources =
            {
                new Resource
                {
                    Name = "x",
                    Resource_ = new Any { TypeUrl = typeUrl, Value = ByteString.CopyFrom(bytes) },
                },
            },
        });

        Assert.Equal("n", answer.ResponseNonce);
    }
}
