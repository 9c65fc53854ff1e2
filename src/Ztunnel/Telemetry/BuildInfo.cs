using System.Reflection;
using System.Text.Json;

namespace Ztunnel.Telemetry;

/// <summary>
/// What is running: the first line of the log, the <c>version</c> command and the object in <c>/config_dump</c>.
/// </summary>
internal sealed record BuildInfo
{
    private const string Unknown = "unknown";

    public string Version { get; init; } = Unknown;

    public string GitRevision { get; init; } = Unknown;

    /// <summary>The control plane's release this node belongs to.</summary>
    public string IstioVersion { get; init; } = Unknown;

    /// <summary>The TLS library as it calls itself.</summary>
    public string CryptoProvider { get; init; } = Unknown;

    public static string BuildProfile =>
#if DEBUG
        "debug";
#else
        "release";
#endif

    /// <summary>From the assembly; the rest is the caller's to say.</summary>
    /// <param name="istioVersion"><c>ISTIO_META_ISTIO_VERSION</c>.</param>
    public static BuildInfo Of(string? istioVersion, string cryptoProvider)
    {
        // "1.2.3+<commit>": the SDK appends what SourceLink found.
        string version = typeof(BuildInfo).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? Unknown;
        int plus = version.IndexOf('+');
        return new BuildInfo
        {
            Version = plus < 0 ? version : version[..plus],
            GitRevision = plus < 0 ? Unknown : version[(plus + 1)..],
            IstioVersion = string.IsNullOrEmpty(istioVersion) ? Unknown : istioVersion,
            CryptoProvider = cryptoProvider,
        };
    }

    // Tools look for these keys, so the one that names another language's compiler stays, empty.
    public override string ToString() =>
        $"version.BuildInfo{{Version:\"{Version}\", GitRevision:\"{GitRevision}\", RustVersion:\"\", "
        + $"BuildProfile:\"{BuildProfile}\", BuildStatus:\"Clean\", IstioVersion:\"{IstioVersion}\", "
        + $"CryptoProvider:\"{CryptoProvider}\"}}";

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("buildProfile"u8, BuildProfile);
        json.WriteString("buildStatus"u8, "Clean"u8);
        json.WriteString("cryptoProvider"u8, CryptoProvider);
        json.WriteString("gitRevision"u8, GitRevision);
        json.WriteString("istioVersion"u8, IstioVersion);
        json.WriteString("rustVersion"u8, ""u8);
        json.WriteString("version"u8, Version);
        json.WriteEndObject();
    }
}
