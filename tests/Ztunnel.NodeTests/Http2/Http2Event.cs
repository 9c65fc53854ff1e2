using System.Text.Json.Serialization;

namespace Ztunnel.NodeTests.Http2;

/// <summary>What happened on the independent client's connection.</summary>
/// <param name="Event">open, settings, sent, response, data, ended, reset, goaway or closed.</param>
/// <param name="Stream">Of a GOAWAY: its last stream.</param>
/// <param name="Code">Status of a response, error code of a reset or GOAWAY.</param>
internal sealed record Http2Event(
    [property: JsonPropertyName("event")] string Event,
    [property: JsonPropertyName("stream")] int Stream,
    [property: JsonPropertyName("code")] int Code,
    [property: JsonPropertyName("text")] string? Text,
    [property: JsonPropertyName("headers")] IReadOnlyDictionary<string, string>? Headers,
    [property: JsonPropertyName("settings")] IReadOnlyDictionary<string, long>? Settings);
