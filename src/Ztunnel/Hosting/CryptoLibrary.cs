using Ztunnel.Config;
using Ztunnel.OpenSsl;
using Ztunnel.Tls;

namespace Ztunnel.Hosting;

/// <summary>The system's TLS library, looked for before anything depends on it.</summary>
internal static class CryptoLibrary
{
    /// <summary>
    /// Loads it on another thread: a fifth of a start, in which this one can do something else, but neither set the
    /// environment, which the library reads, nor start threads, which the loader holds up. What is wrong with the library
    /// is said when it is asked for.
    /// </summary>
    public static void LoadAhead() => new Thread(Load) { Name = "libssl", IsBackground = true }.Start();

    /// <summary>Its name and version.</summary>
    /// <exception cref="OpenSslMissingException">It is not there, or cannot do what the settings ask for.</exception>
    public static string Require(TlsOptions options)
    {
        TlsRequirements.Check(options);
        return OpenSslLibrary.Version;
    }

    /// <summary>For answers that must come even without it.</summary>
    public static string Describe()
    {
        try
        {
            return Require(new TlsOptions());
        }
        catch (OpenSslMissingException)
        {
            return "none";
        }
    }

    private static void Load()
    {
        try
        {
            OpenSslLibrary.Require();
        }
        catch (Exception)
        {
            // Comes again, on the thread that has to tell.
        }
    }
}
