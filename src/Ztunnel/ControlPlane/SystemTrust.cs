using Ztunnel.Linux;

namespace Ztunnel.ControlPlane;

/// <summary>
/// The operating system's trust store. The runtime reads the whole of it for the first chain it builds, even for one
/// that trusts given roots only: a hundred and fifty certificates, 80 ms of processor time while a node starts, and
/// 2.5 MB of memory for as long as the process lives.
/// </summary>
internal static class SystemTrust
{
    /// <summary>
    /// Makes the store empty for this process. Once and for all, so only where no server is checked against it; before
    /// the first call to any server.
    /// </summary>
    public static void LeaveUnread()
    {
        ProcessEnvironment.Set("SSL_CERT_FILE", "/dev/null"); // X509_get_default_cert_file(3)
        ProcessEnvironment.Set("SSL_CERT_DIR", "/dev/null");
    }
}
