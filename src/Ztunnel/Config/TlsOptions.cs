namespace Ztunnel.Config;

/// <summary>Limits of TLS, in the mesh and towards the control plane.</summary>
internal sealed record TlsOptions
{
    /// <summary>TLS 1.2 beside 1.3 (<c>TLS12_ENABLED=true</c>), ECDHE with AES-GCM only.</summary>
    public bool AllowsTls12 { get; init; }

    /// <summary>Only X25519MLKEM768 as key exchange (<c>COMPLIANCE_POLICY=pqc</c>).</summary>
    public bool RequiresPostQuantum { get; init; }

    public static TlsOptions From(EnvironmentReader env) => new()
    {
        AllowsTls12 = env.IsSetTo("TLS12_ENABLED", "true"),
        RequiresPostQuantum = env.IsSetTo("COMPLIANCE_POLICY", "pqc"),
    };
}
