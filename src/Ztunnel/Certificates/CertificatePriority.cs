namespace Ztunnel.Certificates;

/// <summary>Who waits for a certificate; the highest is signed first.</summary>
internal enum CertificatePriority
{
    /// <summary>A refresh: the present certificate is good for half of its life yet.</summary>
    Background,

    /// <summary>A workload of this node that will connect soon.</summary>
    Warmup,

    /// <summary>A connection waits for it now.</summary>
    RealTime,
}
