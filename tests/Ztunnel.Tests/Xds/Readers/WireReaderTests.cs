using Ztunnel.Xds.Readers;

namespace Ztunnel.Tests.Xds.Readers;

/// <summary>Against the generated parsers: with the readers that use it.</summary>
public sealed class WireReaderTests
{
    [Fact]
    public void Next_EachKindOfField_IsThereOrPassedOver()
    {
        WireReader fields = new(
        [
            0x08, 0x96, 0x01, // 1: 150
            0x12, 0x02, 0x68, 0x69, // 2: "hi"
            0x1d, 1, 2, 3, 4, // 3: 32 bits
            0x21, 1, 2, 3, 4, 5, 6, 7, 8, // 4: 64 bits
            0x2b, 0x08, 0x01, 0x33, 0x34, 0x2c, // 5: a group of a number and an empty group
            0x32, 0x00, // 6: nothing
        ]);

        Assert.True(fields.Next());
        Assert.Equal((1, true, false, 150ul), (fields.Field, fields.IsNumber, fields.IsBytes, fields.Number));
        Assert.True(fields.Next());
        Assert.Equal((2, false, true, 7), (fields.Field, fields.IsNumber, fields.IsBytes, fields.Position));
        Assert.Equal("hi"u8.ToArray(), fields.Text.ToArray());
        foreach (int passedOver in (int[])[3, 4, 5])
        {
            Assert.True(fields.Next());
            Assert.Equal((passedOver, false, false), (fields.Field, fields.IsNumber, fields.IsBytes));
        }

        Assert.True(fields.Next());
        Assert.Equal((6, true, 0), (fields.Field, fields.IsBytes, fields.Bytes.Length));
        Assert.False(fields.Next());
    }

    [Fact]
    public void Next_OfANumber_PassesOverOthersAndOtherKinds()
    {
        WireReader fields = new([0x12, 0x01, 0x61, 0x08, 0x01, 0x0a, 0x01, 0x62, 0x12, 0x01, 0x63, 0x0a, 0x01, 0x64]);

        Assert.True(fields.Next(1));
        Assert.Equal("b"u8.ToArray(), fields.Bytes.ToArray());
        Assert.True(fields.Next(1));
        Assert.Equal("d"u8.ToArray(), fields.Bytes.ToArray());
        Assert.False(fields.Next(1));
    }

    [Theory]
    [InlineData(new byte[] { 0x00 })] // field 0
    [InlineData(new byte[] { 0x07 })]
    [InlineData(new byte[] { 0x08 })] // no number
    [InlineData(new byte[] { 0x08, 0x80 })]
    [InlineData(new byte[] { 0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01 })] // eleven bytes
    [InlineData(new byte[] { 0x0a, 0x01 })] // a byte short
    [InlineData(new byte[] { 0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f })] // minus one
    [InlineData(new byte[] { 0x0a, 0xff, 0xff, 0xff, 0xff, 0x07 })] // two gigabytes
    [InlineData(new byte[] { 0x09, 1, 2, 3, 4, 5, 6, 7 })]
    [InlineData(new byte[] { 0x0d, 1, 2, 3 })]
    [InlineData(new byte[] { 0x0b })] // a group that does not end
    [InlineData(new byte[] { 0x0b, 0x14 })] // that ends as another
    [InlineData(new byte[] { 0x0c })] // that never began
    [InlineData(new byte[] { 0x0e })] // a wire type that is none
    [InlineData(new byte[] { 0x0f })]
    public void Next_WhereItIsNoMessage_IsRefused(byte[] message) => Assert.Throws<InvalidDataException>(() =>
    {
        WireReader fields = new(message);
        while (fields.Next())
        {
        }
    });

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public void Next_GroupsWithinGroups_AreFollowedAsFarAsTheLibraryDoes(int depth, bool isTaken)
    {
        byte[] message = [.. Enumerable.Repeat((byte)0x0b, depth), .. Enumerable.Repeat((byte)0x0c, depth)];

        Exception? refusal = Record.Exception(() =>
        {
            WireReader fields = new(message);
            Assert.True(fields.Next());
            Assert.False(fields.Next());
        });

        Assert.Equal(isTaken, refusal is null);
    }

    [Theory]
    [InlineData(new byte[] { 0xff, 0xfe })]
    [InlineData(new byte[] { 0xc3 })]
    [InlineData(new byte[] { 0xed, 0xa0, 0x80 })] // half a surrogate pair
    public void Text_ThatIsNotUtf8_IsRefused(byte[] text) => Assert.Throws<InvalidDataException>(() =>
    {
        WireReader fields = new([0x0a, (byte)text.Length, .. text]);
        fields.Next();
        _ = fields.Text;
    });
}
