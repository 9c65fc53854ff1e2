using Ztunnel.Hbone.Http2;

namespace Ztunnel.Hbone.Tests;

/// <summary>The hot path allocates nothing per frame.</summary>
public sealed class Http2AllocationTests
{
    [Fact]
    public void Receive_DataWindowUpdateAndPing_AllocateNothing()
    {
        SilentEvents events = new();
        Http2Connection server = new(Http2Role.Server, new Http2Options(), events);
        events.Connection = server;
        server.Start(0);
        server.Receive(Wire.Join(Wire.Preface, Wire.Settings(), Wire.Connect(1)), 0);
        byte[] frames = Wire.Join(
            Wire.Data(1, new string('x', 5_000)), Wire.Padded(1, "y", 9),
            Wire.WindowUpdate(1, 1), Wire.WindowUpdate(0, 1), Wire.Ping());
        Cycle(server, events, frames, 200);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Cycle(server, events, frames, 2_000);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.InRange(allocated, 0, 1_000); // not a byte per frame; a pool may trim in between
    }

    private static void Cycle(Http2Connection server, SilentEvents events, byte[] frames, int times)
    {
        for (int i = 0; i < times; i++)
        {
            server.Receive(frames.AsSpan(0, 70), i);
            server.Receive(frames.AsSpan(70), i);
            if (server.SendAllowance(events.Stream!) > 0)
            {
                server.QueueData(events.Stream!, "z"u8, endStream: false);
            }

            server.Output.Advance(server.Output.Length);
        }
    }

    private sealed class SilentEvents : IHttp2Events
    {
        public Http2Connection? Connection { get; set; }

        public Http2Stream? Stream { get; private set; }

        public void OnRequest(Http2Stream stream, Http2Request request, bool endStream)
        {
            Stream = stream;
            Connection!.Respond(stream, 200, null, endStream: false);
        }

        public void OnData(Http2Stream stream, ReadOnlySpan<byte> data, bool endStream) =>
            Connection!.Credit(stream, data.Length);

        public void OnResponse(Http2Stream stream, Http2Response response, bool endStream)
        {
        }

        public void OnReset(Http2Stream stream, Http2ErrorCode code, ResetSource source)
        {
        }

        public void OnClosed(Http2Stream stream)
        {
        }

        public void OnWritable(Http2Stream stream)
        {
        }

        public void OnSettings()
        {
        }

        public void OnGoAway(int lastStreamId, Http2ErrorCode code)
        {
        }

        public void OnDrained()
        {
        }

        public void OnPong(long roundTripMilliseconds)
        {
        }

        public void OnAbuse(AbuseKind kind)
        {
        }
    }
}
