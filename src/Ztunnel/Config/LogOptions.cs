namespace Ztunnel.Config;

/// <summary>What is logged and how.</summary>
internal sealed record LogOptions
{
    /// <summary>Filter list (<c>RUST_LOG</c>); the empty text means <c>error</c>.</summary>
    public string Filter { get; init; } = "info";

    /// <summary>JSON lines (<c>LOG_FORMAT=json</c>).</summary>
    public bool IsJson { get; init; }

    /// <summary>Policy decisions at info instead of debug (<c>AUTHZ_POLICY_INFO_LOGGING=true</c>).</summary>
    public bool PolicyDecisionsAtInfo { get; init; }

    public static LogOptions From(EnvironmentReader env)
    {
        LogOptions defaults = new();
        string filter = env.Text("RUST_LOG") ?? defaults.Filter;
        return new LogOptions
        {
            Filter = filter.Length == 0 ? "error" : filter,
            IsJson = env.IsSetTo("LOG_FORMAT", "json"),
            PolicyDecisionsAtInfo = env.IsSetTo("AUTHZ_POLICY_INFO_LOGGING", "true"),
        };
    }
}
