using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Identity;

/// <summary>A mesh whose proxies each have a file of revocation lists, which at first is not there.</summary>
public sealed class RevocationMesh : MeshFixture
{
    private const string FileName = "crl.pem";

    /// <summary>Puts a list with these certificates into force, or an empty file.</summary>
    public async Task RevokeAtAsync(ZtunnelProcess proxy, params X509Certificate2[] certificates)
    {
        string path = Path.Combine(proxy.Folder, FileName);
        await File.WriteAllTextAsync(path + ".new", certificates.Length == 0 ? "" : Mesh.Ca.Root.Revoke(certificates));
        int loaded = Loads(proxy);
        File.Move(path + ".new", path, overwrite: true);
        await Patience.UntilAsync(() => Loads(proxy) > loaded, "the lists to be in force");
    }

    /// <summary>What the proxy presents for the pod.</summary>
    public static async Task<X509Certificate2> CertificateOfAsync(ZtunnelProcess proxy, Pod pod)
    {
        using JsonDocument dump = await proxy.ConfigDumpAsync();
        JsonElement entry = dump.RootElement.GetProperty("certificates").EnumerateArray().Single(
            certificate => certificate.GetProperty("identity").GetString() == pod.SpiffeId);
        string pem = Encoding.ASCII.GetString(entry.GetProperty("certChain")[0].GetProperty("pem").GetBytesFromBase64());
        return X509Certificate2.CreateFromPem(pem);
    }

    protected override TwoNodeMeshOptions Options() => new()
    {
        // Relative: each proxy has a folder of its own.
        Environment = new Dictionary<string, string?> { ["CRL_PATH"] = $"./{FileName}" },
    };

    private static int Loads(ZtunnelProcess proxy) => proxy.Log.Lines().Count(
        static line => line.Contains("certificate revocation lists loaded", StringComparison.Ordinal));
}
