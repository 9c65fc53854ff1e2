namespace Ztunnel.Hbone;

/// <summary>Attributes of a workload as HBONE carries them. Null is absent; a value is never empty.</summary>
public sealed record Baggage
{
    public string? ClusterId { get; init; }

    public string? Namespace { get; init; }

    public string? WorkloadName { get; init; }

    /// <summary>Lower-case workload type, used when formatting: deployment, cronjob, pod or job.</summary>
    public string WorkloadType { get; init; } = "deployment";

    public string? ServiceName { get; init; }

    public string? Revision { get; init; }

    public string? Region { get; init; }

    public string? Zone { get; init; }

    public static Baggage Parse(string text) => throw new NotImplementedException();

    public string Format() => throw new NotImplementedException();
}
