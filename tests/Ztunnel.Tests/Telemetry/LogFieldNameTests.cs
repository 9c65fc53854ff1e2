using System.Text;
using Ztunnel.Telemetry;

namespace Ztunnel.Tests.Telemetry;

public sealed class LogFieldNameTests
{
    [Theory]
    [InlineData("uid", "uid")]
    [InlineData("typeUrl", "type_url")]
    [InlineData("@namespace", "namespace")]
    [InlineData("src.addr", "src.addr")]
    [InlineData("a b", "a_b")]
    public void Write_ParameterName_IsTheFieldsName(string parameter, string field)
    {
        Span<byte> name = stackalloc byte[64];

        int length = LogFieldName.Write(parameter, name);

        Assert.Equal(field, Encoding.ASCII.GetString(name[..length]));
    }

    [Fact]
    public void Write_NameLongerThanTheRoom_IsCut()
    {
        Span<byte> name = stackalloc byte[8];

        Assert.InRange(LogFieldName.Write("aNameThatIsTooLong", name), 6, 8);
    }
}
