using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Win32.SafeHandles;
using Ztunnel.OpenSsl;

namespace Ztunnel.Certificates;

/// <summary>
/// Root key and certificate of the embedded CA: of this process alone, or shared through a directory, so that
/// several proxies make a mesh without any other component.
/// </summary>
internal sealed class EmbeddedRoot : IDisposable
{
    private const string KeyFile = "root-key.pem";
    private const string CertificateFile = "root-cert.pem";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly TimeSpan s_lifetime = TimeSpan.FromDays(3650);

    private EmbeddedRoot(EvpKey key, X509Certificate2 certificate) => (Key, Certificate) = (key, certificate);

    public EvpKey Key { get; }

    public X509Certificate2 Certificate { get; }

    public static EmbeddedRoot Create(TimeProvider time)
    {
        EvpKey key = EvpKey.GenerateP256();
        EvpKeySignatures signatures = new(key);
        X500DistinguishedName name = new("O=Ztunnel embedded CA");
        CertificateRequest request = new(name, signatures.PublicKey, HashAlgorithmName.SHA256)
        {
            CertificateExtensions =
            {
                X509BasicConstraintsExtension.CreateForCertificateAuthority(),
                new X509KeyUsageExtension(
                    X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true),
                new X509SubjectKeyIdentifierExtension(signatures.PublicKey, critical: false),
            },
        };
        DateTimeOffset now = time.GetUtcNow();
        return new EmbeddedRoot(
            key, request.Create(name, signatures, now.AddMinutes(-5), now + s_lifetime, EmbeddedCa.Serial()));
    }

    /// <summary>
    /// Loads the root that lies in <c>embedded-ca</c> under the directory, or puts one there. Key and certificate
    /// appear together, by renaming their folder: of several processes at once the first wins, the others load.
    /// </summary>
    /// <exception cref="IOException">The directory cannot be used, or the key is readable for others.</exception>
    public static EmbeddedRoot LoadOrCreate(string directory, TimeProvider time)
    {
        string folder = Path.Combine(directory, "embedded-ca");
        if (Directory.Exists(folder))
        {
            return Load(folder);
        }

        Directory.CreateDirectory(directory);
        string draft = Path.Combine(directory, $".embedded-ca-{Guid.NewGuid():N}");
        Directory.CreateDirectory(draft);
        using EmbeddedRoot created = Create(time);
        created.Save(draft);
        try
        {
            Directory.Move(draft, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            Directory.Delete(draft, recursive: true);
        }

        return Load(folder);
    }

    public void Dispose()
    {
        Key.Dispose();
        Certificate.Dispose();
    }

    private static EmbeddedRoot Load(string folder)
    {
        string path = Path.Combine(folder, KeyFile);
        using SafeFileHandle file = File.OpenHandle(path);
        if ((File.GetUnixFileMode(file) & ~OwnerOnly) != 0)
        {
            throw new IOException($"{path} holds a private key and must be readable for its owner only");
        }

        X509Certificate2 certificate = PemCertificates.First(File.ReadAllText(Path.Combine(folder, CertificateFile)));
        return new EmbeddedRoot(EvpKey.ReadPem(file), certificate);
    }

    private void Save(string folder)
    {
        File.WriteAllText(Path.Combine(folder, CertificateFile), Certificate.ExportCertificatePem() + "\n");
        using FileStream key = new(Path.Combine(folder, KeyFile), new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        });
        Key.WritePem(key.SafeFileHandle);
    }
}
