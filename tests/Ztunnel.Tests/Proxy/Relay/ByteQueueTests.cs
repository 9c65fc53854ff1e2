using Ztunnel.Proxy.Relay;

namespace Ztunnel.Tests.Proxy.Relay;

public sealed class ByteQueueTests
{
    private ByteQueue _queue;

    [Fact]
    public void Front_Empty_IsNothing()
    {
        Assert.True(_queue.IsEmpty);
        Assert.True(_queue.Front.IsEmpty);
        _queue.Append([]);
        Assert.Equal((true, 0), (_queue.IsEmpty, _queue.Length));
    }

    [Theory]
    [InlineData(4 * 1024)] // exactly the small block
    [InlineData(4 * 1024 + 1)]
    [InlineData(64 * 1024)]
    [InlineData(64 * 1024 + 1)]
    [InlineData(1024 * 1024)]
    public void Append_AtOnce_ComesOutInOrder(int size)
    {
        byte[] bytes = Bytes(size, 1);
        _queue.Append(bytes);
        Assert.Equal(size, _queue.Length);

        Assert.True(bytes.AsSpan().SequenceEqual(TakeAll(int.MaxValue)));
        Assert.True(_queue.IsEmpty);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void AppendAndAdvance_AnyCuts_KeepOrderAndLength(int seed)
    {
        Random random = new(seed);
        MemoryStream into = new();
        MemoryStream outOf = new();
        for (int round = 0; round < 3_000; round++)
        {
            byte[] piece = Bytes(random.Next(0, random.Next(2) == 0 ? 100 : 100_000), round);
            if (_queue.Length < 500_000)
            {
                _queue.Append(piece);
                into.Write(piece);
            }

            int taken = random.Next(0, _queue.Front.Length + 1);
            outOf.Write(_queue.Front[..taken]);
            _queue.Advance(taken);
            Assert.Equal(into.Length - outOf.Length, _queue.Length);
            Assert.Equal(_queue.IsEmpty, _queue.Front.IsEmpty);
        }

        outOf.Write(TakeAll(1000));
        Assert.True(into.ToArray().AsSpan().SequenceEqual(outOf.ToArray()));
    }

    [Fact]
    public void Clear_SeveralBlocks_StartsOver()
    {
        _queue.Append(Bytes(200_000, 1));
        _queue.Advance(10);

        _queue.Clear();
        _queue.Advance(0); // as a send that found the queue's owner ended
        _queue.Append([1, 2]);

        Assert.Equal([1, 2], _queue.Front.ToArray());
        Assert.Equal(2, _queue.Length);
    }

    private byte[] TakeAll(int most)
    {
        MemoryStream all = new();
        while (!_queue.IsEmpty)
        {
            ReadOnlySpan<byte> front = _queue.Front[..Math.Min(most, _queue.Front.Length)];
            all.Write(front);
            _queue.Advance(front.Length);
        }

        return all.ToArray();
    }

    private static byte[] Bytes(int count, int seed)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
