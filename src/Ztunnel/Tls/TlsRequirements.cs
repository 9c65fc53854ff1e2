using Ztunnel.Config;
using Ztunnel.OpenSsl;

namespace Ztunnel.Tls;

/// <summary>What mesh TLS needs of the machine; asked at start, before anything listens.</summary>
internal static class TlsRequirements
{
    /// <exception cref="OpenSslMissingException">With the line to print.</exception>
    public static void Check(TlsOptions options)
    {
        OpenSslLibrary.Require();
        if (options.RequiresPostQuantum && !OpenSslLibrary.HasGroup(TlsContext.PostQuantumGroup))
        {
            throw new OpenSslMissingException(
                $"COMPLIANCE_POLICY=pqc needs the key exchange {TlsContext.PostQuantumGroup}, which "
                + $"{OpenSslLibrary.Version} does not have: use OpenSSL 3.5, or unset the variable");
        }
    }
}
