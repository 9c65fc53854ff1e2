namespace Ztunnel.Hbone.Tests;

/// <summary>
/// Random schedules between our client and our server: whatever the windows and the order of things, every byte arrives
/// once and in order, and neither side ever finds its window exceeded (that would throw).
/// </summary>
public sealed class Http2ScheduleTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Transfer_RandomSchedule_ConservesBytes(int seed)
    {
        Random random = new(seed);
        Http2Options options = new()
        {
            StreamWindow = random.Next(1_000, 200_000),
            ConnectionWindow = random.Next(65_535, 300_000),
            MaxFrameSize = random.Next(16_384, 100_000),
        };
        ScheduledSide client = new(Http2Role.Client, options, random);
        ScheduledSide server = new(Http2Role.Server, options, random);
        for (int i = 0; i < 10; i++)
        {
            client.OpenStream(random.Next(0, 500_000));
        }

        int steps = 0;
        for (; !(client.IsDone && server.IsDone); steps++)
        {
            Assert.True(steps < 200_000, "no progress");
            ScheduledSide side = random.Next(2) == 0 ? client : server;
            ScheduledSide other = side == client ? server : client;
            side.Step(other);
        }

        Assert.Equal(client.Sent, server.Received);
        Assert.Equal(server.Sent, client.Received);
        Assert.Equal(10, client.Received.Count);
        Assert.Equal(0, client.Connection.ActiveStreams + server.Connection.ActiveStreams);
    }
}
