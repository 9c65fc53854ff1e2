using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ztunnel.Load.Figures;

/// <summary>A comparison for programs.</summary>
internal static class ComparisonJson
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    public static string Of(Comparison comparison) => new JsonObject
    {
        ["machine"] = new JsonObject
        {
            ["name"] = Environment.MachineName,
            ["architecture"] = System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString(),
            ["processors"] = Environment.ProcessorCount,
            ["kernel"] = Environment.OSVersion.Version.ToString(),
        },
        ["programs"] = new JsonArray([.. comparison.Programs.Select(Program)]),
        ["ratios"] = new JsonArray(
            [.. comparison.Figures.Select(figure => Ratio(comparison, figure)).OfType<JsonNode>()]),
    }.ToJsonString(s_indented);

    private static JsonObject Program(ProgramFigures program) => new()
    {
        ["name"] = program.Name,
        ["path"] = program.Path,
        ["errors"] = new JsonArray([.. program.Errors.Select(error => JsonValue.Create(error))]),
        ["medians"] = new JsonObject(FigureCatalog.All
            .Where(figure => program.Median(figure.Key) is not null)
            .Select(figure => KeyValuePair.Create(figure.Key, (JsonNode?)program.Median(figure.Key)))),
        ["rounds"] = new JsonArray([.. program.Rounds.Select(round => new JsonObject(
            round.Values.Select(value => KeyValuePair.Create(value.Key, (JsonNode?)value.Value))))]),
    };

    private static JsonObject? Ratio(Comparison comparison, Figure figure) => comparison.Ratio(figure) is not { } ratio
        ? null
        : new JsonObject
        {
            ["figure"] = figure.Key,
            ["ratio"] = ratio,
            ["goal"] = figure.Goal?.ToString(),
            ["isMet"] = figure.Goal?.IsMetBy(ratio),
            ["laterGoal"] = figure.LaterGoal?.ToString(),
        };
}
