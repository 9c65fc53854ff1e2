using Ztunnel.Xds.Readers;

namespace Ztunnel.Tests.Xds.Readers;

public sealed class WireCacheTests
{
    [Fact]
    public void TryGet_TheSameBytesElsewhere_IsTheSameObject()
    {
        WireCache<string> cache = new(maxEntries: 4);
        byte[] bytes = [1, 2, 3];
        cache.Add(bytes, "a");
        bytes[0] = 9; // its own copy

        Assert.True(cache.TryGet([1, 2, 3], out string? value));
        Assert.Equal("a", value);
        Assert.False(cache.TryGet(bytes, out _));
        Assert.False(cache.TryGet([1, 2], out _));
        Assert.False(cache.TryGet([], out _));
    }

    [Fact]
    public void Add_AboveTheLimit_StartsOver()
    {
        WireCache<string> cache = new(maxEntries: 2);
        cache.Add([1], "a");
        cache.Add([2], "b");
        cache.Add([3], "c");

        Assert.False(cache.TryGet([1], out _));
        Assert.False(cache.TryGet([2], out _));
        Assert.True(cache.TryGet([3], out _));
    }

    [Fact]
    public void Add_LongBytes_AreNotKept()
    {
        WireCache<string> cache = new(maxEntries: 4);
        cache.Add(new byte[1024], "short");
        cache.Add(new byte[1025], "long");

        Assert.True(cache.TryGet(new byte[1024], out _));
        Assert.False(cache.TryGet(new byte[1025], out _));
    }
}
