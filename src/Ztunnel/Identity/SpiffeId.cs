using System.Diagnostics.CodeAnalysis;

namespace Ztunnel.Identity;

/// <summary>
/// <c>spiffe://&lt;trust domain&gt;/ns/&lt;namespace&gt;/sa/&lt;service account&gt;</c>: who a workload is.
/// Equality is on the three parts; the text is made once, because logs, labels and pool keys ask for it per connection.
/// </summary>
internal sealed class SpiffeId : IEquatable<SpiffeId>
{
    private const string Scheme = "spiffe://";

    private readonly string _text;

    public SpiffeId(string trustDomain, string @namespace, string serviceAccount)
        : this(trustDomain, @namespace, serviceAccount, $"{Scheme}{trustDomain}/ns/{@namespace}/sa/{serviceAccount}")
    {
    }

    private SpiffeId(string trustDomain, string @namespace, string serviceAccount, string text) =>
        (TrustDomain, Namespace, ServiceAccount, _text) = (trustDomain, @namespace, serviceAccount, text);

    public string TrustDomain { get; }

    public string Namespace { get; }

    public string ServiceAccount { get; }

    /// <summary>The text without <c>spiffe://</c>: what a policy's principals are compared with.</summary>
    public ReadOnlySpan<char> Principal => _text.AsSpan(Scheme.Length);

    /// <summary>
    /// Exactly five parts after the scheme, the second <c>ns</c>, the fourth <c>sa</c>. Empty parts pass and nothing
    /// is decoded or folded: peers compare the text of certificates as it stands.
    /// </summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out SpiffeId? id)
    {
        id = null;
        if (!text.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return false;
        }

        ReadOnlySpan<char> rest = text.AsSpan(Scheme.Length);
        Span<Range> parts = stackalloc Range[6]; // one more than allowed, so that a sixth part shows
        if (rest.Split(parts, '/') != 5 || !rest[parts[1]].SequenceEqual("ns") || !rest[parts[3]].SequenceEqual("sa"))
        {
            return false;
        }

        id = new SpiffeId(rest[parts[0]].ToString(), rest[parts[2]].ToString(), rest[parts[4]].ToString(), text);
        return true;
    }

    /// <exception cref="FormatException">With the text of the error as logs show it.</exception>
    public static SpiffeId Parse(string text) => TryParse(text, out SpiffeId? id)
        ? id
        : throw new FormatException($"invalid spiffe identity: {text}");

    // Parts, not the text: an empty part with a slash inside could make two different ids share one text.
    public bool Equals(SpiffeId? other) =>
        ReferenceEquals(this, other)
        || (other is not null
            && string.Equals(TrustDomain, other.TrustDomain, StringComparison.Ordinal)
            && string.Equals(Namespace, other.Namespace, StringComparison.Ordinal)
            && string.Equals(ServiceAccount, other.ServiceAccount, StringComparison.Ordinal));

    public override bool Equals(object? obj) => Equals(obj as SpiffeId);

    public override int GetHashCode() => HashCode.Combine(TrustDomain, Namespace, ServiceAccount);

    public static bool operator ==(SpiffeId? left, SpiffeId? right) => left is null ? right is null : left.Equals(right);

    public static bool operator !=(SpiffeId? left, SpiffeId? right) => !(left == right);

    public override string ToString() => _text;
}
