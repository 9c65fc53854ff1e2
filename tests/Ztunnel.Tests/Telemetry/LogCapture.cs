using System.Text;
using Ztunnel.Telemetry;

namespace Ztunnel.Tests.Telemetry;

/// <summary>A log whose lines can be read back.</summary>
internal sealed class LogCapture : IDisposable
{
    private readonly MemoryStream _output = new();

    public LogCapture(string filter = "info", LogFormat format = LogFormat.Text, TimeProvider? time = null)
    {
        Writer = new LogWriter(_output);
        Assert.True(LogFilter.TryParse(filter, out LogFilter? parsed, out _));
        Factory = new LogFactory(Writer, parsed, format, time ?? new ManualTime());
    }

    public LogWriter Writer { get; }

    public LogFactory Factory { get; }

    /// <summary>Everything logged so far, as bytes on the output.</summary>
    public string Text
    {
        get
        {
            Assert.True(Writer.Flush(TimeSpan.FromSeconds(30)));
            return Encoding.UTF8.GetString(_output.ToArray());
        }
    }

    public void Dispose()
    {
        Writer.Dispose();
        Factory.Dispose();
    }
}
