using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Ztunnel.Protos;
using Ztunnel.Protos.Discovery;
using Ztunnel.Xds;

namespace Ztunnel.Tests.Xds;

public sealed class XdsResponseTests
{
    private static readonly DeltaDiscoveryResponse s_sample = new()
    {
        SystemVersionInfo = "17",
        TypeUrl = "type/a",
        Nonce = "nonce",
        Resources =
        {
            new Resource { Name = "one", Version = "1", Resource_ = new Any { TypeUrl = "type/a", Value = ByteString.CopyFromUtf8("first") } },
            new Resource(),
            new Resource { Name = "two", Aliases = { "/10.0.0.1", "/10.0.0.2" } },
        },
        RemovedResources = { "gone", "" },
    };

    [Fact]
    public void Read_Everything_IsAsTheGeneratedMessageHasIt()
    {
        XdsResponse response = XdsResponse.Read(s_sample.ToByteArray());

        Assert.Equal(s_sample.TypeUrl, response.TypeUrl);
        Assert.Equal(s_sample.Nonce, response.Nonce);
        Assert.Equal(s_sample.RemovedResources, response.Removed);
        Assert.Equal(s_sample.Resources, All(response));
    }

    [Fact]
    public void Read_FieldsInAnyOrderWithUnknownOnesBetween_AreFound()
    {
        byte[] payload =
        [
            .. new DeltaDiscoveryResponse { RemovedResources = { "early" } }.ToByteArray(),
            0x78, 0x01, // field 15, a number
            .. new DeltaDiscoveryResponse { Resources = { new Resource { Name = "one" } } }.ToByteArray(),
            0x10, 0x05, // field 2 as a number: not the one that is meant
            0x82, 0x01, 0x02, 0xff, 0xff, // field 16, two bytes
            .. new DeltaDiscoveryResponse { Resources = { new Resource { Name = "two" } }, Nonce = "late" }.ToByteArray(),
        ];

        XdsResponse response = XdsResponse.Read(payload);

        Assert.Equal(["one", "two"], All(response).Select(static resource => resource!.Name));
        Assert.Equal(["early"], response.Removed);
        Assert.Equal("late", response.Nonce);
    }

    [Fact]
    public void Read_EveryCut_IsReadAsTheGeneratedMessageIs()
    {
        byte[] payload = s_sample.ToByteArray();
        for (int cut = 0; cut <= payload.Length; cut++)
        {
            AssertAgrees(payload[..cut]);
        }
    }

    [Fact]
    public void Read_FlippedAndRandomBytes_AreReadAsTheGeneratedMessageIs()
    {
        Random random = new(20261126);
        byte[] sample = s_sample.ToByteArray();
        for (int round = 0; round < 50_000; round++)
        {
            byte[] payload = [.. round % 2 == 0 ? sample : new byte[random.Next(48)]];
            for (int flips = random.Next(1, 1 + payload.Length); flips > 0 && payload.Length > 0; flips -= round % 2 == 0 ? 8 : 1)
            {
                payload[random.Next(payload.Length)] = (byte)random.Next(256);
            }

            AssertAgrees(payload);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x12, 0x02, 0x00 })] // one byte short
    [InlineData(new byte[] { 0x12, 0xff, 0xff, 0xff, 0xff, 0x0f })] // minus one
    [InlineData(new byte[] { 0x12, 0xff, 0xff, 0xff, 0xff, 0x07 })] // two gigabytes
    [InlineData(new byte[] { 0x0f })] // a wire type that is none
    [InlineData(new byte[] { 0x22, 0xff, 0xff, 0xff, 0xff, 0x07 })] // a type of two gigabytes
    public void Read_NoSuchMessage_IsRefused(byte[] payload) =>
        Assert.ThrowsAny<Exception>(() => XdsResponse.Read(payload));

    [Fact]
    public void At_MalformedResource_SpoilsOnlyItself()
    {
        byte[] payload =
        [
            0x12, 0x02, 0x1a, 0x7f, // its name is longer than itself
            .. new DeltaDiscoveryResponse { Resources = { new Resource { Name = "good" } } }.ToByteArray(),
        ];

        XdsResponse response = XdsResponse.Read(payload);

        Assert.Equal([null, "good"], All(response).Select(static resource => resource?.Name));
    }

    [Fact]
    public void Forget_LetsGoOfTheResources()
    {
        XdsResponse response = XdsResponse.Read(s_sample.ToByteArray());

        response.Forget();

        Assert.Equal(0, response.Count);
        Assert.Equal("type/a", response.TypeUrl);
    }

    private static List<Resource?> All(XdsResponse response) =>
        [.. Enumerable.Range(0, response.Count).Select(at => At(response, at))];

    private static Resource? At(XdsResponse response, int at)
    {
        if (!response.TryGet(at, out WireResource resource, out _))
        {
            return null;
        }

        Any payload = new()
        {
            TypeUrl = Encoding.UTF8.GetString(resource.TypeUrl),
            Value = ByteString.CopyFrom(resource.Value),
        };
        return new Resource
        {
            Name = resource.Name,
            Version = resource.Version,
            Aliases = { resource.Aliases() },
            Resource_ = resource.HasPayload ? payload : null,
        };
    }

    // Whatever the generated message takes is read as the same here.
    private static void AssertAgrees(byte[] payload)
    {
        XdsResponse? response = null;
        try
        {
            response = XdsResponse.Read(payload);
        }
        catch (Exception)
        {
            // Right, if the generated message does not take it either.
        }

        if (MessageReader.TryParse(DeltaDiscoveryResponse.Parser, payload, out DeltaDiscoveryResponse? expected, out _))
        {
            expected = DeltaDiscoveryResponse.Parser.WithDiscardUnknownFields(true).ParseFrom(payload);
            Assert.NotNull(response);
            Assert.Equal((expected.TypeUrl, expected.Nonce), (response.TypeUrl, response.Nonce));
            Assert.Equal(expected.RemovedResources, response.Removed);
            Assert.Equal(expected.Resources, All(response));
        }
        else if (response is not null)
        {
            _ = All(response); // and no resource reaches beyond the bytes
        }
    }
}
