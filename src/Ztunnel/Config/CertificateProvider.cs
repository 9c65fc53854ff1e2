namespace Ztunnel.Config;

/// <summary>Who gives this node its workloads' certificates.</summary>
internal enum CertificateProvider
{
    /// <summary>We make keys and ask Istio's CA to sign.</summary>
    Ca,

    /// <summary>A secret discovery server sends keys and certificates.</summary>
    Sds,
}
