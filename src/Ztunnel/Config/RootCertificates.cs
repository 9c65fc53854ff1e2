namespace Ztunnel.Config;

/// <summary>Where the roots for a control-plane connection come from.</summary>
/// <param name="Value">The path of the file, or the PEM text; empty for the system's store.</param>
internal sealed record RootCertificates(RootSource Source, string Value)
{
    private const string Default = "./var/run/secrets/istio/root-cert.pem";

    public static RootCertificates From(EnvironmentReader env, string variable)
    {
        string value = env.Text(variable) ?? Default;
        if (File.Exists(value))
        {
            return new RootCertificates(RootSource.File, value);
        }

        // A path that does not exist ends up as PEM text without a certificate: trusted by nobody, refused at connect.
        return value == "SYSTEM"
            ? new RootCertificates(RootSource.System, "")
            : new RootCertificates(RootSource.Inline, value);
    }
}
