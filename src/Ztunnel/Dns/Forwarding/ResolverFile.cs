using Microsoft.Extensions.Logging;

namespace Ztunnel.Dns.Forwarding;

/// <summary>
/// The node's own /etc/resolv.conf as this proxy sees it, looked at again while it is used. A pod's file lies in a mount
/// namespace that the node agent does not hand over.
/// </summary>
internal sealed class ResolverFile(string path, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private (DateTime Written, long Length) _seen;
    private ResolvConf _current = ResolvConf.Empty;
    private long _lookedAt;
    private bool _hasLooked;

    /// <summary>One thread's. At most once a second the file's date is asked for; only a changed file is read.</summary>
    public ResolvConf Current
    {
        get
        {
            if (!_hasLooked || time.GetElapsedTime(_lookedAt) >= s_interval)
            {
                Look();
            }

            return _current;
        }
    }

    private void Look()
    {
        bool isFirst = !_hasLooked;
        (_hasLooked, _lookedAt) = (true, time.GetTimestamp());
        try
        {
            FileInfo file = new(path);
            if (!isFirst && (file.LastWriteTimeUtc, file.Exists ? file.Length : 0) == _seen)
            {
                return;
            }

            _seen = (file.LastWriteTimeUtc, file.Exists ? file.Length : 0);
            _current = ResolvConf.Parse(File.ReadAllText(path));
            logger.UpstreamServers(path, string.Join(',', _current.Servers));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // What was read before goes on to serve: whoever replaces the file may not be done with it.
            logger.ResolverFileUnreadable(path, failure.Message);
        }
    }
}
