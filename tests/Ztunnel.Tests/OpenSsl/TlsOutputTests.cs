using Ztunnel.OpenSsl;

namespace Ztunnel.Tests.OpenSsl;

public sealed unsafe class TlsOutputTests
{
    [Fact]
    public void Append_MoreThanThereIsRoom_GrowsAndKeeps()
    {
        using TlsOutput output = new(16);
        byte[] all = [.. Enumerable.Range(0, 10_000).Select(at => (byte)at)];
        fixed (byte* from = all)
        {
            for (int at = 0; at < all.Length; at += 10)
            {
                output.Block->Append(from + at, 10);
            }
        }

        Assert.Equal(all, output.Bytes.ToArray());
        Assert.Equal(all.Length, output.Length);
        Assert.True(output.Capacity < 4 * all.Length);
    }

    [Fact]
    public void Append_BeyondAnyArray_IsRefusedAndNothingLost()
    {
        using TlsOutput output = new(16);
        byte one = 1;
        output.Block->Append(&one, 1);

        Assert.Throws<InsufficientMemoryException>(() => output.Block->Reserve(int.MaxValue));
        Assert.Equal([1], output.Bytes.ToArray());
    }

    [Fact]
    public void Trim_AfterABurst_GivesBackOnlyWhenEmpty()
    {
        using TlsOutput output = new(16);
        output.Block->Reserve(1 << 20);
        byte one = 1;
        output.Block->Append(&one, 1);

        output.Trim(1024);
        Assert.Equal(1 << 20, output.Capacity);
        output.Clear();
        output.Trim(1024);

        Assert.Equal((0, 1024), (output.Length, output.Capacity));
        output.Trim(4096); // no reason to grow
        Assert.Equal(1024, output.Capacity);
    }

    [Fact]
    public void Dispose_Twice_AndUsedAfterwards()
    {
        TlsOutput output = new(16);
        output.Dispose();
        output.Dispose();

        Assert.Throws<ObjectDisposedException>(() => output.Length);
        Assert.Throws<ObjectDisposedException>(output.Clear);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Capacity_NotPositive_IsRefused(int capacity)
    {
        using TlsOutput output = new(1);

        Assert.Throws<ArgumentOutOfRangeException>(() => new TlsOutput(capacity).Dispose());
        Assert.Throws<ArgumentOutOfRangeException>(() => output.Trim(capacity));
    }
}
