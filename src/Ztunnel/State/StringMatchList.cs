namespace Ztunnel.State;

/// <summary>
/// Alternatives for one text, sorted once into the form in which every connection asks: whole texts in a set, since a
/// mesh may list hundreds of them, prefixes and suffixes one by one, since they are few.
/// </summary>
internal sealed class StringMatchList
{
    private readonly StringMatch[] _matches;
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>>? _exact;
    private readonly string[] _prefixes;
    private readonly string[] _suffixes;
    private readonly bool _presence;

    public StringMatchList(params StringMatch[] matches)
    {
        _matches = matches;
        string[] exact = ValuesOf(matches, StringMatchKind.Exact);
        _exact = exact.Length == 0
            ? null
            : new HashSet<string>(exact, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _prefixes = ValuesOf(matches, StringMatchKind.Prefix);
        _suffixes = ValuesOf(matches, StringMatchKind.Suffix);
        _presence = Array.Exists(matches, match => match.Kind == StringMatchKind.Presence);
    }

    public static StringMatchList Empty { get; } = new();

    /// <summary>As given.</summary>
    public ReadOnlySpan<StringMatch> Matches => _matches;

    public bool IsEmpty => _matches.Length == 0;

    public bool IsHit(ReadOnlySpan<char> text)
    {
        if ((_presence && !text.IsEmpty) || (_exact is { } exact && exact.Contains(text)))
        {
            return true;
        }

        foreach (string prefix in _prefixes)
        {
            if (text.StartsWith(prefix, StringComparison.Ordinal))
            {
                return true;
            }
        }

        foreach (string suffix in _suffixes)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static string[] ValuesOf(StringMatch[] matches, StringMatchKind kind) =>
        [.. from match in matches where match.Kind == kind select match.Value];
}
