namespace Ztunnel.Config;

/// <summary>Where configuration and certificates come from.</summary>
internal sealed record ControlPlaneOptions
{
    /// <summary>
    /// <c>XDS_ADDRESS</c>, then <c>discoveryAddress</c>: scheme and authority. Null (the variable is empty) switches
    /// discovery off.
    /// </summary>
    public Uri? XdsAddress { get; init; } = new(LocalAddress);

    /// <summary><c>CA_ADDRESS</c>; null where no CA is asked (<see cref="FakeCa"/>, <see cref="Secrets"/>).</summary>
    public Uri? CaAddress { get; init; } = new(LocalAddress);

    /// <summary><c>XDS_ROOT_CA</c>: an existing file, <c>SYSTEM</c>, or PEM text.</summary>
    public RootCertificates XdsRoots { get; init; } = new(RootSource.System, "");

    /// <summary><c>CA_ROOT_CA</c>, as <see cref="XdsRoots"/>.</summary>
    public RootCertificates CaRoots { get; init; } = new(RootSource.System, "");

    /// <summary>A second name the server may carry (<c>ALT_XDS_HOSTNAME</c>).</summary>
    public string? AltXdsHostname { get; init; }

    /// <summary><c>ALT_CA_HOSTNAME</c>.</summary>
    public string? AltCaHostname { get; init; }

    /// <summary><c>AUTH_TOKEN</c>: an existing file or the token itself. Null: no authentication.</summary>
    public AuthToken? Token { get; init; }

    /// <summary><c>XDS_HEADER_*</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> XdsHeaders { get; init; } = [];

    /// <summary><c>CA_HEADER_*</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> CaHeaders { get; init; } = [];

    /// <summary>Ask for workloads when they are first needed (<c>XDS_ON_DEMAND</c>).</summary>
    public bool OnDemand { get; init; }

    /// <summary>Requested lifetime of certificates (<c>SECRET_TTL</c>).</summary>
    public TimeSpan SecretTtl { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// Sign by ourselves instead of asking a CA (<c>FAKE_CA</c>). For tests and demonstrations: refused unless
    /// <c>ZTUNNEL_ALLOW_FAKE_CA=true</c> says that it is meant.
    /// </summary>
    public bool FakeCa { get; init; }

    /// <summary>
    /// Where the embedded CA keeps its root, so that several proxies trust each other (<c>ZTUNNEL_FAKE_CA_DIR</c>).
    /// Null: a root of its own per process.
    /// </summary>
    public string? FakeCaDirectory { get; init; }

    /// <summary>File with static workloads, services and policies (<c>LOCAL_XDS_PATH</c>), beside discovery.</summary>
    public string? LocalConfigPath { get; init; }

    /// <summary>The same as text (<c>LOCAL_XDS</c>).</summary>
    public string? LocalConfigText { get; init; }

    /// <summary>Whether certificates come from a secret server instead of a CA.</summary>
    public SecretOptions Secrets { get; init; } = new();

    /// <summary>Revocation list (<c>CRL_PATH</c>); null or empty: no revocation checks.</summary>
    public string? CrlPath { get; init; }

    /// <summary>Whether a server in use is checked against the operating system's trust store.</summary>
    public bool UsesSystemTrust =>
        (XdsAddress is not null && XdsRoots.Source == RootSource.System) ||
        (CaAddress is not null && CaRoots.Source == RootSource.System);

    private const string LocalAddress = "https://localhost:15012";
    private const string ClusterAddress = "https://istiod.istio-system.svc:15012";

    /// <param name="discoveryAddress">From the proxy config, or null.</param>
    public static ControlPlaneOptions From(EnvironmentReader env, string? discoveryAddress, ProxyMode mode)
    {
        ControlPlaneOptions defaults = new();
        bool fakeCa = env.Bool("FAKE_CA") ?? defaults.FakeCa;
        SecretOptions secrets = SecretOptions.From(env, mode);
        return new ControlPlaneOptions
        {
            XdsAddress = XdsAddressOf(env, discoveryAddress),
            CaAddress = fakeCa || secrets.Provider == CertificateProvider.Sds ? null : CaAddressOf(env),
            XdsRoots = RootCertificates.From(env, "XDS_ROOT_CA"),
            CaRoots = RootCertificates.From(env, "CA_ROOT_CA"),
            AltXdsHostname = env.Text("ALT_XDS_HOSTNAME"),
            AltCaHostname = env.Text("ALT_CA_HOSTNAME"),
            Token = AuthToken.From(env),
            XdsHeaders = ExtraHeaders.From(env, "XDS_HEADER_"),
            CaHeaders = ExtraHeaders.From(env, "CA_HEADER_"),
            OnDemand = env.Bool("XDS_ON_DEMAND") ?? defaults.OnDemand,
            SecretTtl = env.Timeout("SECRET_TTL") ?? defaults.SecretTtl,
            FakeCa = fakeCa,
            FakeCaDirectory = env.NonEmpty("ZTUNNEL_FAKE_CA_DIR"),
            LocalConfigPath = env.Text("LOCAL_XDS_PATH"),
            LocalConfigText = env.Text("LOCAL_XDS"),
            Secrets = secrets,
            CrlPath = env.NonEmpty("CRL_PATH"),
        }.Validated(env.Bool("ZTUNNEL_ALLOW_FAKE_CA") ?? false);
    }

    private static Uri? XdsAddressOf(EnvironmentReader env, string? discoveryAddress) => env.Text("XDS_ADDRESS") switch
    {
        "" => null,
        { } address => ServerAddress.Parse("XDS_ADDRESS", address),
        null when discoveryAddress is "" => null,
        null when discoveryAddress is not null => ServerAddress.Parse("discoveryAddress", discoveryAddress),
        null => DefaultAddress(env),
    };

    private static Uri CaAddressOf(EnvironmentReader env) => env.Text("CA_ADDRESS") switch
    {
        null => DefaultAddress(env),
        "" => throw ConfigException.BadVariable("CA_ADDRESS", "", "must not be empty unless FAKE_CA=true"),
        { } address => ServerAddress.Parse("CA_ADDRESS", address),
    };

    private static Uri DefaultAddress(EnvironmentReader env) =>
        new(env.Text("KUBERNETES_SERVICE_HOST") is null ? LocalAddress : ClusterAddress);

    private ControlPlaneOptions Validated(bool allowsFakeCa)
    {
        if (FakeCa && !allowsFakeCa)
        {
            throw ConfigException.BadVariable(
                "FAKE_CA", "true", "the embedded CA is for tests only; set ZTUNNEL_ALLOW_FAKE_CA=true too if it is meant");
        }

        if (Secrets.Provider == CertificateProvider.Sds)
        {
            ValidateSecrets();
        }

        return LocalConfigPath is null || LocalConfigText is null
            ? this
            : throw ConfigException.Inconsistent("only one of LOCAL_XDS_PATH or LOCAL_XDS may be set");
    }

    private void ValidateSecrets()
    {
        if (FakeCa)
        {
            throw ConfigException.Inconsistent("FAKE_CA=true and CERT_PROVIDER=sds exclude each other");
        }

        if (Secrets.SocketPath is null && XdsAddress is null)
        {
            throw ConfigException.Inconsistent("CERT_PROVIDER=sds needs SDS_UDS_PATH, or XDS_ADDRESS");
        }
    }
}
