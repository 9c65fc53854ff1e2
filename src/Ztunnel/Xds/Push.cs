using System.Text;
using Ztunnel.Xds.Readers;

namespace Ztunnel.Xds;

/// <summary>
/// One response on its way through: which of its resources were taken and which refused, each by itself, so that one
/// that is malformed costs nothing but itself.
/// </summary>
internal sealed class Push(XdsResponse response)
{
    // A whole mesh of refusals would make an answer that servers refuse in turn.
    private const int MaxErrorLength = 64 * 1024;

    private readonly List<string> _refusals = [];
    private readonly List<string> _undecodable = [];
    private string _version = "";

    public string TypeUrl => response.TypeUrl;

    public string Nonce => response.Nonce;

    public int Count => response.Count;

    /// <summary>Names and versions, in the order of the message.</summary>
    public List<KeyValuePair<string, string>> Accepted { get; } = new(response.Count);

    /// <summary>Names that the server does not have, or no longer.</summary>
    public IReadOnlyList<string> Removed => response.Removed;

    /// <summary>Lengths of the values of all resources that were offered, together.</summary>
    public long Bytes { get; private set; }

    /// <summary>One of those refused could not even be asked for its name.</summary>
    public bool HasNameless { get; private set; }

    public int RejectedCount => _refusals.Count + _undecodable.Count;

    /// <summary>What goes into the NACK, as far as it fits; null when all was taken.</summary>
    public string? Error => RejectedCount == 0 ? null : Cut(string.Join("; ", _refusals.Concat(_undecodable)));

    /// <summary>All names under which something of this push may have been asked for.</summary>
    public IEnumerable<string> Names()
    {
        foreach (string name in response.Removed)
        {
            yield return name;
        }

        for (int at = 0; at < response.Count; at++)
        {
            foreach (string name in NamesOf(at))
            {
                yield return name;
            }
        }
    }

    /// <summary>Offers every resource in the order of the message.</summary>
    /// <param name="take">Returns the name to keep for it; throws for what it refuses.</param>
    public void Each(Func<WireResource, string> take)
    {
        for (int at = 0; at < response.Count; at++)
        {
            if (!response.TryGet(at, out WireResource resource, out string trouble))
            {
                HasNameless = true;
                _undecodable.Add($"resource {at}: decode: {trouble}");
                continue;
            }

            try
            {
                Bytes += resource.Value.Length;
                Check(resource);
                Accepted.Add(new(take(resource), VersionOf(resource)));
            }
            catch (RejectedResourceException refusal)
            {
                _refusals.Add($"{resource.Name}: {refusal.Message}");
            }
            catch (InvalidDataException malformed)
            {
                _undecodable.Add($"{resource.Name}: decode: {malformed.Message}");
            }
        }
    }

    /// <summary>Lets go of the payload, all of which was read.</summary>
    public void Forget() => response.Forget();

    private static string Cut(string text) =>
        text.Length <= MaxErrorLength ? text : $"{text.AsSpan(0, MaxErrorLength)}…";

    // Another message of the same bytes may well decode as this one, and mean something else.
    private void Check(WireResource resource)
    {
        if (!resource.HasPayload)
        {
            throw new RejectedResourceException("XDS payload without resource");
        }

        if (!WireText.Is(resource.TypeUrl, TypeUrl))
        {
            throw new InvalidDataException($"{TypeUrl} expected, got {Encoding.UTF8.GetString(resource.TypeUrl)}");
        }
    }

    private List<string> NamesOf(int at) =>
        response.TryGet(at, out WireResource resource, out _) ? [resource.Name, .. resource.Aliases()] : [];

    // Mostly of all the same.
    private string VersionOf(WireResource resource) => _version = WireText.Read(resource.VersionBytes, _version);
}
