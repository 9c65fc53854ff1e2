namespace Ztunnel.Hbone.Tests;

public sealed class ReadyStreamsTests
{
    [Fact]
    public void AddTakeRemove_RandomOrder_KeepsTheOrderOfArrival()
    {
        Random random = new(5);
        ReadyStreams ready = new();
        List<Http2Stream> expected = [];
        Http2Stream[] streams = [.. Enumerable.Range(0, 20).Select(static id => new Http2Stream(id, 0, 0))];
        for (int i = 0; i < 10_000; i++)
        {
            Http2Stream stream = streams[random.Next(streams.Length)];
            switch (random.Next(3))
            {
                case 0 when expected.Count > 0:
                    Assert.Same(expected[0], ready.Take());
                    expected.RemoveAt(0);
                    break;
                case 1:
                    ready.Remove(stream);
                    expected.Remove(stream);
                    break;
                default:
                    ready.Add(stream);
                    if (!expected.Contains(stream))
                    {
                        expected.Add(stream);
                    }

                    break;
            }

            Assert.Equal(expected.Count == 0, ready.IsEmpty);
        }
    }
}
