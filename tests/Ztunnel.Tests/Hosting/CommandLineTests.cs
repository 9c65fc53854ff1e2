using Ztunnel.Hosting;

namespace Ztunnel.Tests.Hosting;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("", "Run")]
    [InlineData("proxy", "Run")]
    [InlineData("proxy ztunnel", "Run")]
    [InlineData("version", "Version")]
    [InlineData("version --short", "Version")]
    [InlineData("help", "Help")]
    [InlineData("--help", "Unknown")]
    [InlineData("Proxy", "Unknown")]
    public void Parse_Arguments_CountsTheFirstAndRecordsAll(string arguments, string command)
    {
        CommandLine line = CommandLine.Parse(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(command, line.Command.ToString());
        Assert.Equal(arguments, line.Arguments);
    }

    [Fact]
    public void Parse_EmptyArgument_IsNotNone() =>
        Assert.Equal(Command.Unknown, CommandLine.Parse([""]).Command);
}
