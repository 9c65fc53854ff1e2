using System.Text;

namespace Ztunnel.Hbone.Tests;

public sealed class TraceParentTests
{
    [Theory]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true)]
    [InlineData("ff-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-00", true)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1", false)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-001", false)]
    [InlineData("00000-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", false)] // 55 characters, three fields
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g", false)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333-100", false)]
    [InlineData("00-faf7651916cd43dd8448eb211c80319cb-7ad6b7169203331-01", false)]
    [InlineData("00--0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01", false)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333-1-0", true)] // more fields are ignored
    [InlineData("", false)]
    public void TryParse_Value_FollowsTheRule(string value, bool valid) =>
        Assert.Equal(valid, TraceParent.TryParse(Encoding.Latin1.GetBytes(value), out _));

    [Fact]
    public void Format_Random_ParsesAsItself()
    {
        for (int i = 0; i < 100; i++)
        {
            TraceParent trace = TraceParent.CreateRandom();
            byte[] text = new byte[TraceParent.Length];
            trace.Format(text);

            Assert.True(TraceParent.TryParse(text, out TraceParent parsed));
            Assert.Equal((trace, trace.ToString()), (parsed, Encoding.ASCII.GetString(text)));
            Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-00$", trace.ToString());
        }
    }
}
