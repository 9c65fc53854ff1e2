namespace Ztunnel.Certificates;

/// <summary>What the config dump shows of one certificate.</summary>
/// <param name="SerialNumber">Decimal.</param>
internal sealed record CertificateSummary(
    byte[] Der, string SerialNumber, DateTimeOffset NotBefore, DateTimeOffset NotAfter);
