using Ztunnel.OpenSsl;

namespace Ztunnel.Tls;

/// <summary>
/// The revocation lists that peers are checked against, wherever they come from: a source sets its own part, the others'
/// stay. Read by every handshake, without a lock.
/// </summary>
internal sealed class Revocations
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, IReadOnlyList<byte[]>> _parts = [];
    private volatile RevocationLists? _current;

    public Revocations() => Provide = () => _current;

    /// <summary>Others are in force: live connections are to be looked at again. On the thread that set them.</summary>
    public event Action<RevocationLists>? Changed;

    /// <summary>Null: nobody is revoked.</summary>
    public RevocationLists? Current => _current;

    /// <summary>The same as a function, made once: sessions ask when their peer's path is verified.</summary>
    public Func<RevocationLists?> Provide { get; }

    /// <param name="source">Whose lists these are, in place of those it had.</param>
    /// <param name="ders">None: the source revokes nobody.</param>
    /// <exception cref="System.Security.Cryptography.CryptographicException">
    /// One of them is unreadable; everything stays as it was.
    /// </exception>
    public void Set(string source, IReadOnlyList<byte[]> ders)
    {
        lock (_lock)
        {
            IEnumerable<byte[]> others = _parts.Where(part => part.Key != source).SelectMany(static part => part.Value);
            RevocationLists lists = new(others.Concat(ders));
            _parts[source] = ders;
            _current = lists.Count > 0 ? lists : null;
            if (_current is { } current)
            {
                Changed?.Invoke(current);
            }
        }
    }
}
