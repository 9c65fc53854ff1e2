using Google.Protobuf;
using Ztunnel.Protos;
using Ztunnel.Xds;
using Ztunnel.Xds.Readers;
using Wire = Ztunnel.Protos.Workloads;

namespace Ztunnel.Tests.Xds.Readers;

/// <summary>
/// The workload reader takes messages apart by itself: whatever the bytes are, it takes what the generated parser takes,
/// as that one understands it.
/// </summary>
public sealed class WorkloadBytesTests
{
    private const string Refused = "refused";

    private readonly WorkloadReader _reader = new(new SharedValues());

    [Fact]
    public void Read_EveryCut_IsReadAsTheGeneratedMessageIs()
    {
        byte[] message = Sample().ToByteArray();
        for (int cut = 0; cut <= message.Length; cut++)
        {
            AssertAgrees(message[..cut]);
        }
    }

    [Fact]
    public void Read_FlippedBytes_AreReadAsTheGeneratedMessageIs()
    {
        Random random = new(20261127);
        byte[] sample = Sample().ToByteArray();
        for (int round = 0; round < 50_000; round++)
        {
            byte[] message = [.. sample];
            for (int flips = random.Next(1, 6); flips > 0; flips--)
            {
                message[random.Next(message.Length)] = (byte)random.Next(256);
            }

            AssertAgrees(message);
        }
    }

    [Fact]
    public void Read_RandomBytes_AreReadAsTheGeneratedMessageIs()
    {
        Random random = new(20261128);
        for (int round = 0; round < 50_000; round++)
        {
            byte[] message = new byte[random.Next(48)];
            random.NextBytes(message);
            AssertAgrees(message);
        }
    }

    // Servers may send fields in any order and more than once; parts that come twice are put together.
    [Fact]
    public void Read_FieldsInAnyOrderAndTwice_AreReadAsTheGeneratedMessageIs()
    {
        Random random = new(20261129);
        for (int round = 0; round < 5_000; round++)
        {
            byte[][] fields = [.. FieldsOf(WireMesh.AnyWorkload(random)), .. FieldsOf(WireMesh.AnyWorkload(random))];
            random.Shuffle(fields);
            byte[] message = [.. fields.Take(random.Next(fields.Length + 1)).SelectMany(static field => field)];
            Assert.Equal(Expected(message, out _), Outcome(_reader, message, out _));
        }
    }

    // With more of what there may be many of, without what is read laxly.
    private static Wire.Workload Sample()
    {
        Wire.Workload sample = WireMesh.FullWorkload();
        sample.Capacity = null;
        sample.Services.Add("shop/till", new Wire.PortList { Ports = { new Wire.Port { ServicePort = 1 } } });
        return sample;
    }

    // Each as the message has it, tag and all.
    private static IEnumerable<byte[]> FieldsOf(Wire.Workload workload)
    {
        byte[] message = workload.ToByteArray();
        CodedInputStream input = new(message);
        for (int start = 0; input.ReadTag() != 0; start = (int)input.Position)
        {
            input.SkipLastField();
            yield return message[start..(int)input.Position];
        }
    }

    // For which of several reasons something is refused may differ. And the library is lax in two places: in an entry of a
    // map it passes over kinds of fields that do not exist, and a malformed capacity it reads beyond its end.
    private void AssertAgrees(byte[] message)
    {
        string expected = Expected(message, out bool hasCapacity);
        string read = Outcome(_reader, message, out string reason);
        bool isLax = hasCapacity || reason.Contains("of wire type", StringComparison.Ordinal);
        if (!isLax || read != Refused)
        {
            Assert.Equal(expected, read);
        }
    }

    private static string Expected(byte[] message, out bool hasCapacity)
    {
        if (!MessageReader.TryParse(Wire.Workload.Parser, message, out Wire.Workload? parsed, out _))
        {
            hasCapacity = false;
            return Refused;
        }

        hasCapacity = parsed.Capacity is not null;
        return Outcome(new WorkloadReader(new SharedValues()), parsed.ToByteArray(), out _);
    }

    private static string Outcome(WorkloadReader reader, byte[] message, out string reason)
    {
        try
        {
            reason = "";
            return MeshText.Of(reader.Read(message, static _ => null));
        }
        catch (Exception refusal) when (refusal is RejectedResourceException or InvalidDataException)
        {
            reason = refusal.Message;
            return Refused;
        }
    }
}
