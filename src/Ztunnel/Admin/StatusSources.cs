using Ztunnel.Telemetry;

namespace Ztunnel.Admin;

/// <summary>What the status page reads.</summary>
internal sealed record StatusSources
{
    public required BuildInfo Build { get; init; }

    public required ReadinessTasks Readiness { get; init; }

    public required Func<IReadOnlyList<WorkerFigures>> Workers { get; init; }

    /// <summary>Node, mode, cluster: pairs shown under the title.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Facts { get; init; } = [];

    public IReadOnlyList<StatusTable> Tables { get; init; } = [];
}
