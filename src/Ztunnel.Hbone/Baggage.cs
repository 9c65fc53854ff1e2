using System.Text;

namespace Ztunnel.Hbone;

/// <summary>
/// Attributes of a workload as HBONE carries them: no percent-encoding, no blanks, in a fixed order. Null is absent; a
/// parsed value is never empty.
/// </summary>
public sealed record Baggage
{
    public static Baggage Empty { get; } = new();

    public string? ClusterId { get; init; }

    public string? Namespace { get; init; }

    public string? WorkloadName { get; init; }

    /// <summary>Lower case: deployment, cronjob, pod or job.</summary>
    public string WorkloadType { get; init; } = "deployment";

    public string? ServiceName { get; init; }

    public string? Revision { get; init; }

    public string? Region { get; init; }

    public string? Zone { get; init; }

    /// <summary>
    /// Later members overwrite earlier ones, an empty value clears, unknown keys are ignored. One octet outside of
    /// visible ASCII discards all: half of a broken header is worse than none.
    /// </summary>
    public static Baggage Parse(string text)
    {
        if (text.AsSpan().IndexOfAnyExceptInRange(' ', '~') >= 0)
        {
            return Empty;
        }

        Baggage baggage = Empty;
        foreach (Range member in text.AsSpan().Split(','))
        {
            baggage = baggage.With(text.AsSpan(member));
        }

        return baggage;
    }

    /// <summary>Members without a value are left out.</summary>
    public string Format()
    {
        StringBuilder text = new();
        Append(text, "k8s.cluster.name", ClusterId);
        Append(text, "k8s.namespace.name", Namespace);
        Append(text, $"k8s.{WorkloadType}.name", WorkloadName);
        Append(text, "service.name", ServiceName);
        Append(text, "service.version", Revision);
        Append(text, "cloud.region", Region);
        Append(text, "cloud.availability_zone", Zone);
        return text.ToString();
    }

    private Baggage With(ReadOnlySpan<char> member)
    {
        int equals = member.IndexOf('=');
        if (equals < 0)
        {
            return this;
        }

        ReadOnlySpan<char> key = member[..equals];
        ReadOnlySpan<char> rest = member[(equals + 1)..];
        int second = rest.IndexOf('=');
        ReadOnlySpan<char> kept = second < 0 ? rest : rest[..second];
        string? value = kept.IsEmpty ? null : kept.ToString();
        return key switch
        {
            "k8s.cluster.name" => this with { ClusterId = value },
            "k8s.namespace.name" => this with { Namespace = value },
            "k8s.deployment.name" => this with { WorkloadName = value, WorkloadType = "deployment" },
            "k8s.cronjob.name" => this with { WorkloadName = value, WorkloadType = "cronjob" },
            "k8s.pod.name" => this with { WorkloadName = value, WorkloadType = "pod" },
            "k8s.job.name" => this with { WorkloadName = value, WorkloadType = "job" },
            "service.name" => this with { ServiceName = value },
            "service.version" => this with { Revision = value },
            "cloud.region" => this with { Region = value },
            "cloud.availability_zone" => this with { Zone = value },
            _ => this,
        };
    }

    private static void Append(StringBuilder text, string key, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            text.Append(text.Length == 0 ? "" : ",").Append(key).Append('=').Append(value);
        }
    }
}
