using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Ztunnel.Tls;

namespace Ztunnel.Hosting;

/// <summary>
/// The revocation lists of a file, put into force at start and whenever it changes. Whatever is wrong with a change, what
/// was in force stays: an operator's slip must neither free whom a list holds, nor cut off everybody.
/// </summary>
internal sealed class RevocationFile(string path, Revocations revocations, ILogger logger) : IDisposable
{
    private const string Source = "CRL_PATH";

    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(2);

    private readonly Lock _reading = new();
    private string? _seen;
    private FileWatch? _watch;

    /// <summary>Follows it from now on.</summary>
    public void Watch(TimeProvider time)
    {
        try
        {
            _watch = new FileWatch(path, s_settle, time, Reload);
            Reload(); // what changed since it was read raised no event
        }
        catch (Exception failure) when (failure is IOException or ArgumentException)
        {
            logger.RevocationsNotWatched(path, failure.Message);
        }
    }

    /// <summary>Reads it again, if it is another.</summary>
    public void Reload()
    {
        lock (_reading)
        {
            try
            {
                byte[] content = File.ReadAllBytes(path);
                string fingerprint = Convert.ToHexString(SHA256.HashData(content));
                if (IsNews(fingerprint))
                {
                    IReadOnlyList<byte[]> lists = RevocationText.Read(content);
                    revocations.Set(Source, lists);
                    logger.RevocationsLoaded(path, lists.Count);
                }
            }
            catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
            {
                if (IsNews("missing")) // it may be mounted later, or again
                {
                    logger.RevocationsMissing(path);
                }
            }
            catch (Exception failure) when (
                failure is IOException or UnauthorizedAccessException or CryptographicException or FormatException)
            {
                logger.RevocationsRefused(path, failure.Message); // a bad content is complained of once
            }
        }
    }

    public void Dispose() => _watch?.Dispose();

    private bool IsNews(string fingerprint)
    {
        bool isNews = fingerprint != _seen;
        _seen = fingerprint;
        return isNews;
    }
}
