using Microsoft.Extensions.Logging;
using Org.BouncyCastle.Crypto.Digests;
using Ztunnel.Config;
using Ztunnel.State;

namespace Ztunnel.Hosting;

/// <summary>
/// The mesh as a file or a variable describes it, put into the state at start and, for a file, whenever it changes.
/// What the control plane says stands above it.
/// </summary>
internal sealed class StaticMesh(ControlPlaneOptions options, MeshState mesh, ILogger logger) : IDisposable
{
    private static readonly TimeSpan s_settle = TimeSpan.FromMilliseconds(200);

    private readonly Lock _reading = new();
    private string _seen = "";
    private StaticConfig _inForce = StaticConfig.Empty;
    private FileWatch? _watch;
    private long _reloads;
    private long _refusals;

    /// <summary>Changes of the file that came into force.</summary>
    public long Reloads => Volatile.Read(ref _reloads);

    /// <summary>Changes of the file that could not be used.</summary>
    public long Refusals => Volatile.Read(ref _refusals);

    /// <exception cref="ConfigException">Names file or variable, line and field.</exception>
    public void Load()
    {
        _seen = Fingerprint();
        if (StaticConfig.Load(options) is { } config)
        {
            Apply(config);
            logger.StaticMeshLoaded(config.Workloads.Length, config.Services.Length, config.Policies.Length);
        }
    }

    /// <summary>Follows the file from now on; a text in a variable cannot change.</summary>
    public void Watch(TimeProvider time)
    {
        if (options.LocalConfigPath is not { } path)
        {
            return;
        }

        try
        {
            _watch = new FileWatch(path, s_settle, time, Reload);
            Reload(); // what changed since it was loaded raised no event
        }
        catch (Exception failure) when (failure is IOException or ArgumentException)
        {
            logger.StaticMeshNotWatched(path, failure.Message);
        }
    }

    /// <summary>Reads the file again if it is another. Whatever is wrong with it, the mesh stays as it was.</summary>
    public void Reload()
    {
        lock (_reading)
        {
            string fingerprint = Fingerprint();
            if (fingerprint == _seen)
            {
                return; // touched only, or another file of the directory; a bad one is complained of once
            }

            _seen = fingerprint;
            try
            {
                StaticConfig config = Read();
                Apply(config);
                _reloads++;
                logger.StaticMeshReloaded(config.Workloads.Length, config.Services.Length, config.Policies.Length);
            }
            catch (Exception failure) when (failure is ConfigException or IOException)
            {
                _refusals++;
                logger.StaticMeshRefused(failure.Message);
            }
        }
    }

    public void Dispose() => _watch?.Dispose();

    private void Apply(StaticConfig config)
    {
        mesh.Apply(known => config.ToUpdate(_inForce, known));
        _inForce = config;
    }

    // Writers truncate first. Taken at its word, an empty file would make every pod a stranger and send its traffic in
    // plaintext; who means an empty mesh can write {}.
    private StaticConfig Read() => new FileInfo(options.LocalConfigPath!) is { Exists: true, Length: 0 }
        ? throw ConfigException.BadVariable("LOCAL_XDS_PATH", options.LocalConfigPath!, "the file is empty")
        : StaticConfig.Load(options)!;

    /// <summary>Differs when the content does, or the reason why it cannot be read.</summary>
    private string Fingerprint()
    {
        if (options.LocalConfigPath is not { } path)
        {
            return "";
        }

        try
        {
            return Digest(File.ReadAllBytes(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return failure.Message;
        }
    }

    // Not the runtime's: its first use loads and prepares libcrypto once more, which a start waits for.
    private static string Digest(byte[] content)
    {
        Sha256Digest digest = new();
        byte[] result = new byte[digest.GetDigestSize()];
        digest.BlockUpdate(content, 0, content.Length);
        digest.DoFinal(result, 0);
        return Convert.ToHexString(result);
    }
}
