using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Ztunnel.Admin;

/// <summary>The document behind <c>/config_dump</c>: its sections by name, indented by two.</summary>
internal sealed class ConfigDump
{
    private const int FlushAt = 64 * 1024;

    // A file for people and tools, never part of a page: names need no escaping beyond JSON's own.
    private static readonly JsonWriterOptions s_json =
        new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly DumpSection[] _sections;

    public ConfigDump(IEnumerable<DumpSection> sections) =>
        _sections = [.. sections.OrderBy(static section => section.Name, StringComparer.Ordinal)];

    public async Task WriteAsync(PipeWriter output, CancellationToken aborted)
    {
        await using Utf8JsonWriter json = new(output, s_json);
        json.WriteStartObject();
        foreach (DumpSection section in _sections)
        {
            foreach (int _ in section.Write(json))
            {
                if (json.BytesPending + output.UnflushedBytes > FlushAt)
                {
                    await json.FlushAsync(aborted);
                    await output.FlushAsync(aborted);
                }
            }
        }

        json.WriteEndObject();
        await json.FlushAsync(aborted);
        await output.FlushAsync(aborted);
    }
}
