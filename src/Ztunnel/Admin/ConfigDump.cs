using System.Buffers;
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

    /// <summary>
    /// Nothing is sent before 64 KiB are written, so that what fails early can still be answered with its reason.
    /// </summary>
    public async Task WriteAsync(Stream output, CancellationToken aborted)
    {
        ArrayBufferWriter<byte> piece = new();
        await using Utf8JsonWriter json = new(piece, s_json);
        json.WriteStartObject();
        foreach (DumpSection section in _sections)
        {
            foreach (int _ in section.Write(json))
            {
                if (json.BytesPending + piece.WrittenCount > FlushAt)
                {
                    await SendAsync(json, piece, output, aborted);
                }
            }
        }

        json.WriteEndObject();
        await SendAsync(json, piece, output, aborted);
    }

    private static async Task SendAsync(
        Utf8JsonWriter json, ArrayBufferWriter<byte> piece, Stream output, CancellationToken aborted)
    {
        await json.FlushAsync(aborted);
        await output.WriteAsync(piece.WrittenMemory, aborted);
        piece.ResetWrittenCount();
    }
}
