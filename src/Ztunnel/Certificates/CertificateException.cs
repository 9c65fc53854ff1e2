namespace Ztunnel.Certificates;

/// <summary>
/// There is no usable certificate for an identity; the message is the text logs, the config dump and connections
/// show. A connection that meets it fails: never plaintext where mTLS was decided.
/// </summary>
internal sealed class CertificateException : Exception
{
    public CertificateException(string message)
        : base(message)
    {
    }

    public CertificateException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
