namespace Ztunnel.OpenSsl;

/// <summary>What differs between contexts beside keys and certificates.</summary>
public sealed record TlsContextOptions
{
    /// <summary>TLS 1.2 beside 1.3: ECDHE with AES-GCM only.</summary>
    public bool AllowsTls12 { get; init; }

    /// <summary>Only X25519MLKEM768 as key exchange.</summary>
    public bool RequiresPostQuantum { get; init; }
}
