using Ztunnel.Hbone.Http2;

namespace Ztunnel.Hbone.Tests;

/// <summary>Random and mutated input: the only exception is ours, GOAWAY is queued, memory stays bounded.</summary>
public sealed class Http2FuzzTests
{
    [Theory]
    [InlineData(Http2Role.Server)]
    [InlineData(Http2Role.Client)]
    public void Receive_MutatedConversation_ThrowsNothingElse(Http2Role role)
    {
        Random random = new(9113);
        for (int round = 0; round < 4_000; round++)
        {
            byte[] input = Conversation(random, role);
            for (int mutations = random.Next(6); mutations > 0; mutations--)
            {
                input[random.Next(input.Length)] = (byte)random.Next(256);
            }

            Feed(role, random, input);
        }
    }

    [Theory]
    [InlineData(Http2Role.Server)]
    [InlineData(Http2Role.Client)]
    public void Receive_RandomFrames_ThrowsNothingElse(Http2Role role)
    {
        Random random = new(7540);
        for (int round = 0; round < 3_000; round++)
        {
            List<byte[]> frames = role == Http2Role.Server ? [Wire.Preface, Wire.Settings()] : [Wire.Settings()];
            for (int i = random.Next(30); i > 0; i--)
            {
                byte[] payload = new byte[random.Next(3) switch { 0 => 4, 1 => 8, _ => random.Next(60) }];
                random.NextBytes(payload);
                (FrameType type, FrameFlags flags) = ((FrameType)random.Next(11), (FrameFlags)random.Next(256));
                frames.Add(Wire.Frame(type, flags, random.Next(8), payload));
            }

            Feed(role, random, Wire.Join([.. frames]));
        }
    }

    private static void Feed(Http2Role role, Random random, byte[] input)
    {
        Peer peer = new(role);
        peer.Events.Requested = (stream, _) => peer.Connection.Respond(stream, 200, "", endStream: false);
        peer.Events.Data = (stream, length, end) =>
        {
            peer.Connection.Credit(stream, length);
            if (end)
            {
                peer.Connection.Release(stream);
            }
        };
        if (role == Http2Role.Client)
        {
            peer.Connection.Open(Peer.Request(), null);
            peer.Connection.Open(Peer.Request(), null);
        }

        peer.TakeOutput();
        try
        {
            for (int position = 0; position < input.Length;)
            {
                int length = Math.Min(random.Next(1, 200), input.Length - position);
                peer.Receive(input[position..(position + length)]);
                position += length;
                peer.Connection.OnTick(peer.Now += 10);
            }
        }
        catch (Http2ConnectionException violation)
        {
            Assert.NotEqual(Http2ErrorCode.NoError, violation.Code);
            Assert.True(peer.Connection.IsStopped);
            Assert.StartsWith("goaway", peer.TakeOutput()[^1], StringComparison.Ordinal);
        }

        Assert.InRange(peer.Connection.Output.Length, 0, 100_000);
        peer.Connection.Stop();
    }

    private static byte[] Conversation(Random random, Http2Role role)
    {
        List<byte[]> frames = role == Http2Role.Server ? [Wire.Preface, Wire.Settings()] : [Wire.Settings()];
        for (int i = 0; i < 20; i++)
        {
            int stream = (2 * random.Next(10)) + 1;
            frames.Add(random.Next(9) switch
            {
                0 => Wire.Ping(),
                1 => Wire.Data(stream, "some payload", random.Next(2) == 0),
                2 => Wire.Padded(stream, "padded", random.Next(256)),
                3 => Wire.WindowUpdate(random.Next(2) * stream, random.Next(1, 100_000)),
                4 => Wire.Reset(stream),
                5 => Wire.Settings((SettingId.InitialWindowSize, (uint)random.Next(100_000))),
                6 => Wire.GoAway(random.Next(5)),
                _ => role == Http2Role.Server ? Wire.Connect((2 * i) + 1) : Wire.Response(stream, "200"),
            });
        }

        return Wire.Join([.. frames]);
    }
}
