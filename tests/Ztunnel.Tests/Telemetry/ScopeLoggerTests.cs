using Microsoft.Extensions.Logging;
using Ztunnel.Linux;
using Ztunnel.Telemetry;

namespace Ztunnel.Tests.Telemetry;

public sealed partial class ScopeLoggerTests
{
    private const string Time = "2026-11-22T15:33:23.000000Z";

    [Fact]
    public void Log_NoFields_EndsWithATab()
    {
        using LogCapture log = new();

        log.Factory.CreateLogger("ztunnel::app").LogInformation("shared proxy mode - in-pod mode enabled");

        Assert.Equal($"{Time}\tinfo\tapp\tshared proxy mode - in-pod mode enabled\t\n", log.Text);
    }

    [Fact]
    public void Log_ParametersOutsideTheTemplate_AreFields()
    {
        using LogCapture log = new();

        Listener(log.Factory.CreateLogger("ztunnel::proxy::inbound"), InetEndpoint.Parse("[::]:15008"), "inbound", true);

        Assert.Equal(
            $"{Time}\tinfo\tproxy::inbound\tlistener established\taddress=[::]:15008 component=\"inbound\" transparent=true\n",
            log.Text);
    }

    [Fact]
    public void Log_ParametersOutsideTheTemplateAsJson_KeepTheirTypes()
    {
        using LogCapture log = new(format: LogFormat.Json);

        Listener(log.Factory.CreateLogger("ztunnel::proxy::inbound"), InetEndpoint.Parse("[::]:15008"), "inbound", true);
        Received(log.Factory.CreateLogger("ztunnel::xds::client"), "type.googleapis.com/x", 22);

        Assert.Equal(
            $$"""
            {"level":"info","time":"{{Time}}","scope":"ztunnel::proxy::inbound","message":"listener established","address":"[::]:15008","component":"inbound","transparent":true}
            {"level":"info","time":"{{Time}}","scope":"ztunnel::xds::client","message":"received response","type_url":"type.googleapis.com/x","size":22}

            """,
            log.Text);
    }

    [Fact]
    public void In_Span_FollowsTheScope()
    {
        using LogCapture text = new();
        using LogCapture json = new(format: LogFormat.Json);

        foreach (LogCapture log in (LogCapture[])[text, json])
        {
            ScopeLogger logger = log.Factory.CreateScope("ztunnel::xds::client").In(new LogSpan("xds", "id", 1)).In(new LogSpan("inner"));
            Received(logger, "t", 4);
        }

        Assert.Equal($"{Time}\tinfo\txds::client:xds{{id=1}}:inner\treceived response\ttype_url=\"t\" size=4\n", text.Text);
        Assert.Equal(
            $$$"""{"level":"info","time":"{{{Time}}}","scope":"ztunnel::xds::client","message":"received response","type_url":"t","size":4,"xds":{"id":1},"inner":{}}""" + "\n",
            json.Text);
    }

    [Fact]
    public void Begin_NoMessage_StartsWithTheFields()
    {
        using LogCapture log = new("dns=debug");
        ScopeLogger logger = log.Factory.CreateScope("dns");

        LogEvent line = logger.Begin(LogLevel.Debug, ""u8);
        line.Field("src.workload"u8, "client");
        line.Field("endpoints"u8, 2);
        line.Write();

        Assert.Equal($"{Time}\tdebug\tdns\tsrc.workload=\"client\" endpoints=2\n", log.Text);
    }

    [Fact]
    public void Begin_MultiLineText_KeepsItsBreaksInTextAndEscapesThemInJson()
    {
        using LogCapture text = new();
        using LogCapture json = new(format: LogFormat.Json);

        text.Factory.CreateScope("ztunnel").Begin(LogLevel.Information, "config: a\n\"b\"\n").Write();
        json.Factory.CreateScope("ztunnel").Begin(LogLevel.Information, "config: a\n\"b\"\n").Write();

        Assert.Equal($"{Time}\tinfo\tztunnel\tconfig: a\n\"b\"\n\t\n", text.Text);
        Assert.Contains("\"message\":\"config: a\\n\\\"b\\\"\\n\"}", json.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Log_ControlCharactersInAMessage_AreEscaped()
    {
        using LogCapture log = new();

        log.Factory.CreateLogger("x").LogWarning("peer said {What}", "a\nb\tc\u007f\"d\"");

        Assert.Equal($"{Time}\twarn\tx\tpeer said a\\nb\\tc\\u{{7f}}\"d\"\t\n", log.Text);
    }

    [Fact]
    public void Log_Exception_IsAFieldWithItsCauses()
    {
        using LogCapture log = new();
        InvalidOperationException failure = new("no token", new IOException("file gone"));

        log.Factory.CreateLogger("ztunnel::identity").LogError(failure, "cannot sign");

        Assert.Equal($"{Time}\terror\tidentity\tcannot sign\terror=\"no token: file gone\"\n", log.Text);
    }

    [Fact]
    public void Apply_OtherFilter_MovesLoggersThatExist()
    {
        using LogCapture log = new();
        ILogger logger = log.Factory.CreateLogger("ztunnel::state");
        Assert.False(logger.IsEnabled(LogLevel.Debug));

        Assert.True(log.Factory.Filter.TryWith("ztunnel::state=debug", out LogFilter? changed));
        log.Factory.Apply(changed);

        Assert.True(logger.IsEnabled(LogLevel.Debug));
        Assert.False(logger.IsEnabled(LogLevel.Trace));
        Assert.False(logger.IsEnabled(LogLevel.None));
    }

    [Theory]
    [InlineData("trace", LogLevel.Warning)]
    [InlineData("Microsoft.AspNetCore=debug", LogLevel.Debug)]
    [InlineData("error", LogLevel.Error)]
    public void CreateLogger_Library_LogsFromWarningUnlessNamed(string filter, LogLevel lowest)
    {
        using LogCapture log = new(filter);

        ILogger logger = log.Factory.CreateLogger("Microsoft.AspNetCore.Server.Kestrel");

        Assert.True(logger.IsEnabled(lowest));
        Assert.False(logger.IsEnabled(lowest - 1));
    }

    [LoggerMessage(1, LogLevel.Information, "listener established")]
    private static partial void Listener(ILogger logger, InetEndpoint address, string component, bool transparent);

    [LoggerMessage(2, LogLevel.Information, "received response")]
    private static partial void Received(ILogger logger, string typeUrl, int size);
}
